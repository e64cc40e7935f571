// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief A field of an update input: left alone, cleared, or set.

#include <cstddef>
#include <optional>
#include <utility>

namespace nexpo::inline v1 {

/// A merge-patch field (RFC 7396): absent leaves the stored value alone, null clears it, a value replaces it.
/// Only update inputs use it. Not thread-safe for writing, like any value.
template <class T>
class Patch {
 public:
    using value_type = T;  ///< The type of a replacement.

    /// Leaves the stored value alone.
    Patch() = default;
    /// Clears the stored value.
    Patch(std::nullptr_t) : present_(true) {}
    /// Replaces the stored value.
    Patch(T value) : present_(true), value_(std::move(value)) {}

    /// True when the field was given, as null or as a value.
    bool is_present() const noexcept { return present_; }
    /// True when the field was given as null.
    bool is_null() const noexcept { return present_ && !value_; }
    /// True when the field was given as a value.
    bool has_value() const noexcept { return value_.has_value(); }
    /// The value; undefined when there is none.
    T const& operator*() const noexcept { return *value_; }
    /// The value; undefined when there is none.
    T& operator*() noexcept { return *value_; }
    /// A member of the value; undefined when there is none.
    T const* operator->() const noexcept { return &*value_; }

    /// Replaces the stored value with `T{}` and returns it for filling.
    T& emplace() {
        present_ = true;
        return value_.emplace();
    }

    bool operator==(Patch const&) const = default;

 private:
    bool present_ = false;
    std::optional<T> value_;
};

}  // namespace nexpo::inline v1

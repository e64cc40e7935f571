// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief A value or an error, with the member names of C++23's std::expected.

#include <type_traits>
#include <utility>
#include <variant>

#include "nexpo/error.hpp"

namespace nexpo::inline v1 {

/// Either a `T` or an `Error`. Not thread-safe for writing, like any value.
template <class T>
class [[nodiscard]] Result {
 public:
    using value_type = T;  ///< The type of the value.

    /// A result that holds a value.
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    /// A result that holds an error.
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    /// True when there is a value.
    bool has_value() const noexcept { return state_.index() == 0; }
    /// True when there is a value.
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; throws `Exception` with the error when there is none.
    T& value() & {
        require_value();
        return *std::get_if<0>(&state_);
    }
    /// The value; throws `Exception` with the error when there is none.
    T const& value() const& {
        require_value();
        return *std::get_if<0>(&state_);
    }
    /// The value; throws `Exception` with the error when there is none.
    T&& value() && {
        require_value();
        return std::move(*std::get_if<0>(&state_));
    }
    /// The value, or `fallback` when there is none.
    template <class U>
    T value_or(U&& fallback) const& {
        return has_value() ? **this : static_cast<T>(std::forward<U>(fallback));
    }

    /// The value; undefined when there is none.
    T& operator*() & noexcept { return *std::get_if<0>(&state_); }
    /// The value; undefined when there is none.
    T const& operator*() const& noexcept { return *std::get_if<0>(&state_); }
    /// The value; undefined when there is none.
    T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
    /// A member of the value; undefined when there is none.
    T* operator->() noexcept { return std::get_if<0>(&state_); }
    /// A member of the value; undefined when there is none.
    T const* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// The error; undefined when there is a value.
    Error& error() & noexcept { return *std::get_if<1>(&state_); }
    /// The error; undefined when there is a value.
    Error const& error() const& noexcept { return *std::get_if<1>(&state_); }
    /// The error; undefined when there is a value.
    Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
    void require_value() const {
        if (!has_value()) throw Exception(*std::get_if<1>(&state_));
    }

    std::variant<T, Error> state_;
};

/// Success without a value, or an `Error`.
template <>
class [[nodiscard]] Result<void> {
 public:
    using value_type = void;  ///< There is no value.

    /// Success.
    Result() = default;
    /// A result that holds an error.
    Result(Error error) : error_(std::move(error)) {}

    /// True on success.
    bool has_value() const noexcept { return !error_; }
    /// True on success.
    explicit operator bool() const noexcept { return has_value(); }
    /// Throws `Exception` with the error when there is one.
    void value() const {
        if (error_) throw Exception(*error_);
    }
    /// The error; undefined on success.
    Error& error() & noexcept { return *error_; }
    /// The error; undefined on success.
    Error const& error() const& noexcept { return *error_; }
    /// The error; undefined on success.
    Error&& error() && noexcept { return std::move(*error_); }

 private:
    std::optional<Error> error_;
};

}  // namespace nexpo::inline v1

// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Text that must not be printed.

#include <string>
#include <string_view>

#include "nexpo/export.hpp"

namespace nexpo::inline v1 {

/// A password, token or key. It has no stream operator and no conversion to text, its memory is overwritten when it is
/// destroyed, and described structs show it as `[redacted]` in logs. Not thread-safe for writing, like any value.
class NEXPO_API Secret {
 public:
    /// An empty secret.
    Secret() noexcept;
    /// Takes the text over.
    Secret(std::string text) noexcept;
    /// Copies the text.
    Secret(char const* text);
    Secret(Secret const&);
    Secret(Secret&&) noexcept;
    Secret& operator=(Secret const&);
    Secret& operator=(Secret&&) noexcept;
    ~Secret();

    /// The text itself. Valid until the secret is changed or destroyed; do not log it.
    std::string_view reveal() const noexcept { return text_; }
    /// True when there is no text.
    bool empty() const noexcept { return text_.empty(); }
    /// Compares in a time that depends only on the lengths.
    bool operator==(Secret const& other) const noexcept;

 private:
    void wipe() noexcept;

    std::string text_;
};

}  // namespace nexpo::inline v1

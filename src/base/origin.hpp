// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nexpo::base {

/// Origins that a list allows: one, or all whose host has one more label, as in `https://*.example.com`.
class OriginPattern {
 public:
    /// Nothing when no browser would ever send such an origin (RFC 6454 section 6.2), or when the star stands for a
    /// registered domain itself, as in `https://*.com`.
    static std::optional<OriginPattern> parse(std::string_view text);

    /// Whether the `Origin` of a request is meant.
    bool matches(std::string_view origin) const noexcept;
    bool is_wildcard() const noexcept { return !suffix_.empty(); }
    /// The origin, unless it is a wildcard.
    std::string const& exact() const noexcept { return prefix_; }

 private:
    std::string prefix_;  // of a wildcard: up to the star
    std::string suffix_;  // of a wildcard: after the star
};

}  // namespace nexpo::base

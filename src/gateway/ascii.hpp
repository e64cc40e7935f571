// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

#include "base/ascii.hpp"

namespace nexpo::gateway {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A character of a token (RFC 9110 section 5.6.2).
constexpr bool is_token_character(char c) noexcept {
    return is_digit(c) || is_letter(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// A printable ASCII character other than the space.
constexpr bool is_visible(char c) noexcept {
    return c > ' ' && c < '\x7f';
}

/// Compares ASCII text without case.
constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) {
               return base::to_lower(a) == base::to_lower(b);
           });
}

/// The text without the spaces and tabs around it (RFC 9110 section 5.6.3).
constexpr std::string_view trim(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace nexpo::gateway

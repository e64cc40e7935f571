// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nexpo::gateway {

/// What a plus sign stands for: itself in a path, a space in a form-encoded query.
enum class Plus : std::uint8_t { plus, space };

/// The text with `%XX` replaced by bytes (RFC 3986 section 2.1), or nothing when a percent sign starts no such triplet.
std::optional<std::string> percent_decode(std::string_view text, Plus plus);

/// Appends the text with everything but unreserved characters (RFC 3986 section 2.3) as `%XX`.
void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace nexpo::gateway

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexpo::base {

/// RFC 4648 section 5 (`-` and `_`) without padding.
std::string base64url_encode(std::span<std::byte const> bytes);
/// RFC 4648 section 5 (`-` and `_`) without padding.
std::string base64url_encode(std::string_view bytes);

/// The bytes of text in the form that `base64url_encode` writes, and in no other: nothing when there is padding, white
/// space, a foreign character, an impossible length or a spare bit that is set.
std::optional<std::string> base64url_decode(std::string_view text);

/// RFC 4648 section 4 (`+` and `/`) with padding.
std::string base64_encode(std::span<std::byte const> bytes);
/// RFC 4648 section 4 (`+` and `/`) with padding.
std::string base64_encode(std::string_view bytes);

/// The bytes of text in the form that `base64_encode` writes, and in no other.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace nexpo::base

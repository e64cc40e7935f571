// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nexpo::base {

/// Lower-case hexadecimal text.
std::string hex_encode(std::span<std::byte const> bytes);
void append_hex(std::string& text, std::span<std::byte const> bytes);

/// The bytes of hexadecimal text in either case, or nothing when the text is anything else.
std::optional<std::string> hex_decode(std::string_view text);

}  // namespace nexpo::base

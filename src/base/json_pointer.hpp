// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nexpo::base {

/// `token` as it stands in a JSON pointer: `~` becomes `~0` and `/` becomes `~1` (RFC 6901 section 3).
std::string escape_pointer_token(std::string_view token);

/// Appends `/` and the escaped member name.
void append_pointer(std::string& pointer, std::string_view token);

/// Appends `/` and the index.
void append_pointer(std::string& pointer, std::size_t index);

}  // namespace nexpo::base

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nexpo/json.hpp"

namespace nexpo::base {

/// Appends a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD, so that the text is JSON whatever is given.
void append_string(std::string& out, std::string_view text);

/// Appends a whole number.
void append_integer(std::string& out, std::int64_t value);

/// Appends the shortest digits that read back as the same double: plain from 1e-6 to below 1e16 (`0.0005`, `20.5`,
/// `3`), with an exponent elsewhere (`1.5e300`). A number that is not finite has no form in JSON and becomes `null`.
void append_number(std::string& out, double value);

/// Appends a whole value in compact form.
void append_json(std::string& out, Json const& value);

}  // namespace nexpo::base

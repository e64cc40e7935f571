// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "nexpo/time.hpp"

namespace nexpo::net {

/// Reads the three forms of RFC 9110 section 5.6.7. `now` settles the century of the two-digit year in one of them.
std::optional<Timestamp> parse_http_date(std::string_view text, Timestamp now);

/// How long the value of a `Retry-After` header asks to wait (RFC 9110 section 10.2.3): seconds, or the time until a
/// date, zero when it has passed. Nothing when the value is malformed.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, Timestamp now);

}  // namespace nexpo::net

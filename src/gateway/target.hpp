// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/result.hpp"

namespace nexpo::gateway {

inline constexpr std::size_t kMaxQueryParameters = 100;

/// The parts of a request target, still encoded. They point into it.
struct Target {
    std::string_view path{};
    std::string_view query{};
};

/// One `name=value` of a query, decoded.
struct QueryParameter {
    std::string name{};
    std::string value{};
};

using Query = std::vector<QueryParameter>;

/// Splits a target in origin-form, in absolute-form (RFC 9112 section 3.2.2), or `*`. Errors: invalid_argument
/// (`target_malformed`).
Result<Target> parse_target(std::string_view text);

/// Decodes `application/x-www-form-urlencoded` text. Errors: invalid_argument (`target_malformed`,
/// `query_too_long`).
Result<Query> parse_query(std::string_view text);

}  // namespace nexpo::gateway

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace nexpo::drivers {

/// RFC 3986 section 2.1, with all but unreserved characters, and those of `kept`, as `%XX`.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

/// `name=value&…`, as a body of `application/x-www-form-urlencoded` or a query.
std::string form_encoded(std::span<std::pair<std::string_view, std::string_view> const> fields);

}  // namespace nexpo::drivers

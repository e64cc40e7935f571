// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nexpo/json.hpp"

namespace nexpo::drivers {

// Members of what a service answered, whatever it is.

/// Empty unless there is such a text.
std::string text_at(Json const& object, std::string_view name);
/// A whole number, or a text of one; `otherwise` for anything else.
std::int64_t number_at(Json const& object, std::string_view name, std::int64_t otherwise);
/// Empty unless there is such a list.
Json::Array const& array_at(Json const& object, std::string_view name);

}  // namespace nexpo::drivers

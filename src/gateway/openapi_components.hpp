// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "nexpo/json.hpp"

namespace nexpo::gateway {

/// The part of an OpenAPI document that operations refer to: `schemas` and what is the same for every backend.
Json openapi_components(std::map<std::string, Json> schemas);

}  // namespace nexpo::gateway

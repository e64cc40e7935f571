// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "nexpo/json.hpp"
#include "nexpo/operation.hpp"

namespace nexpo::gateway {

/// The OpenAPI 3.1 document of every operation that REST offers.
Json openapi_document(std::span<AnyOperation const> operations, std::string_view version);

}  // namespace nexpo::gateway

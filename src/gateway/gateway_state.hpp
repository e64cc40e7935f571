// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backend/backend_state.hpp"
#include "gateway/route.hpp"
#include "gateway/router.hpp"

namespace nexpo::gateway {

/// Everything that is the same for all requests. Made once per backend; points into its operation table.
struct GatewayState {
    Router router{};
    std::vector<Route> routes{};
    std::string index{};                            ///< The page at `/`.
    std::string openapi{};                          ///< The page at `/openapi.json`
    std::string openapi_tag{};                      ///< and its entity tag.
    std::map<int, telemetry::Counter*> refusals{};  ///< By status.
};

/// The backend's gateway state, made by the first who asks.
GatewayState const& gateway_state(BackendState& backend);

}  // namespace nexpo::gateway

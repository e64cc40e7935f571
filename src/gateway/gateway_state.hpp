// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "backend/backend_state.hpp"
#include "gateway/cors.hpp"
#include "gateway/fixed_headers.hpp"
#include "gateway/route.hpp"
#include "gateway/router.hpp"

namespace nexpo::gateway {

/// Everything that is the same for all requests. Made once per backend; points into its operation table.
struct GatewayState {
    explicit GatewayState(GatewayConfig const& from) : config(from), cors(from), fixed_headers(from) {}

    /// The page at `/openapi.json` compressed, made by the first who asks; empty when there was no memory for it.
    std::string const& openapi_compressed() const;

    /// Adds the headers that all answers have.
    void complete(Response& response, SingleField const& origin, bool secure) const;

    GatewayConfig const config;
    CorsPolicy const cors;
    FixedHeaders const fixed_headers;
    Router router{};
    std::vector<Route> routes{};
    std::set<std::string, std::less<>> blocking_methods{};  ///< Those with a route whose operation may block.
    std::string index{};                                    ///< The page at `/`.
    std::string openapi{};                                  ///< The page at `/openapi.json`
    std::string openapi_tag{};                              ///< and its entity tag.
    std::map<int, telemetry::Counter*> refusals{};          ///< By status.
    telemetry::Gauge* event_streams = nullptr;              ///< Open ones
    telemetry::Gauge* channels = nullptr;                   ///< of each kind.

 private:
    mutable std::once_flag compressed_once_{};
    mutable std::string openapi_compressed_{};
};

/// The backend's gateway state, made by the first who asks.
GatewayState const& gateway_state(BackendState& backend);

}  // namespace nexpo::gateway

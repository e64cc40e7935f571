// SPDX-License-Identifier: Apache-2.0
#include "gateway/cors.hpp"

#include <algorithm>
#include <utility>

namespace nexpo::gateway {

namespace {

// What the gateway reads, and what tracing in browsers adds to requests of its own accord. A star would not include
// Authorization (Fetch, section 3.3.3).
constexpr char const* kAllowedHeaders =
    "Accept, Authorization, Content-Encoding, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
    "Last-Event-ID, X-Request-Id, baggage, traceparent, tracestate";

}  // namespace

CorsPolicy::CorsPolicy(GatewayConfig const& config)
    : any_(allows_any(config)), max_age_(std::to_string(config.cors_max_age_seconds)) {
    for (auto const& origin : config.cors_origins) {
        auto pattern = base::OriginPattern::parse(origin);
        if (!pattern) continue;
        if (pattern->is_wildcard()) {
            wildcards_.push_back(std::move(*pattern));
        } else {
            exact_.insert(pattern->exact());
        }
    }
}

bool CorsPolicy::allows_any(GatewayConfig const& config) {
    return std::ranges::find(config.cors_origins, "*") != config.cors_origins.end();
}

bool CorsPolicy::allows(std::string_view origin) const noexcept {
    if (any_) return true;
    if (origin.empty()) return false;
    return exact_.contains(origin) ||
           std::ranges::any_of(wildcards_, [&](base::OriginPattern const& pattern) { return pattern.matches(origin); });
}

void CorsPolicy::add_preflight(Response& response, std::string const& methods) const {
    response.headers.push_back({"Access-Control-Allow-Methods", methods});
    response.headers.push_back({"Access-Control-Allow-Headers", kAllowedHeaders});
    response.headers.push_back({"Access-Control-Max-Age", max_age_});
}

}  // namespace nexpo::gateway

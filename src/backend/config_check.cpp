// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/origin.hpp"
#include "describe/codec.hpp"
#include "drivers/queue/registry.hpp"
#include "drivers/signals/registry.hpp"
#include "nexpo/config.hpp"

namespace nexpo::inline v1 {

namespace {

void check_origins(GatewayConfig const& config, std::vector<Violation>& violations) {
    auto const& origins = config.cors_origins;
    bool const any = std::ranges::find(origins, "*") != origins.end();
    for (std::size_t i = 0; i < origins.size(); ++i) {
        if (origins[i] == "*" || base::OriginPattern::parse(origins[i])) continue;
        violations.push_back({"/gateway/cors_origins/" + std::to_string(i), "origin",
                              "must be an origin as browsers send it, such as https://app.example.com, "
                              "https://*.example.com or *"});
    }
    if (any && origins.size() > 1) {
        violations.push_back({"/gateway/cors_origins", "origin", "must name nothing else beside *"});
    }
    if (any && config.cors_credentials) {
        // Fetch, CORS protocol: no browser accepts both, and echoing every origin instead would open all to all.
        violations.push_back({"/gateway/cors_credentials", "origin", "needs cors_origins that are not *"});
    }
}

void check_queue(Config const& config, std::vector<Violation>& violations) {
    if (config.work.queue.empty()) return;
    if (config.queue) {
        violations.push_back({"/work/queue", "one_of", "must be empty when the application gives a queue of its own"});
    }
    auto const opened = drivers::open_queue(config.work.queue.reveal(), {});
    if (!opened) violations.push_back({"/work/queue", "queue_url", opened.error().message});
}

}  // namespace

Result<void> check_config(Config const& config) {
    if (auto valid = validate(config); !valid) return valid;
    std::vector<Violation> violations;
    check_origins(config.gateway, violations);
    check_queue(config, violations);
    if (!config.work.signals.empty()) {
        auto const opened = drivers::open_signal_relay(config.work.signals.reveal(), system_random(), {});
        if (!opened) violations.push_back({"/work/signals", "signals_url", opened.error().message});
    }
    if (!violations.empty()) return describe::validation_error(std::move(violations));
    return {};
}

}  // namespace nexpo::inline v1

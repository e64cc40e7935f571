// SPDX-License-Identifier: Apache-2.0
#include "drivers/signals/registry.hpp"

#include <utility>

#include "drivers/queue/queue_settings.hpp"
#ifdef NEXPO_WITH_REDIS
#include "drivers/signals/redis_signals.hpp"
#endif

namespace nexpo::drivers {

namespace {

Error refused(std::string message) {
    return {Errc::invalid_argument, "signals_url_invalid", "the signals' URL: " + message};
}

}  // namespace

Result<std::shared_ptr<store::SignalRelay>> open_signal_relay(std::string_view url,
                                                              [[maybe_unused]] std::shared_ptr<Random> random,
                                                              [[maybe_unused]] telemetry::Logger log) {
    auto settings = parse_queue_url(url);
    if (!settings) return refused(settings.error().message);
#ifdef NEXPO_WITH_REDIS
    if (settings->scheme == "redis" || settings->scheme == "rediss") {
        if (!settings->others.empty()) return refused("it has a parameter that is not known");
        settings->random = std::move(random);
        return std::shared_ptr<store::SignalRelay>(
            std::make_shared<RedisSignals>(std::move(*settings), std::move(log)));
    }
#endif
    return refused("nothing carries signals with its scheme");
}

}  // namespace nexpo::drivers

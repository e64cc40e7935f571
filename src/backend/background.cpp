// SPDX-License-Identifier: Apache-2.0
#include "backend/background.hpp"

#include <utility>

namespace nexpo::backend {

Result<std::unique_ptr<Background>> Background::make(Config const& config, store::Store& store,
                                                     telemetry::Metrics& metrics, telemetry::Logger const& log,
                                                     operation::Identifier& identifier, std::shared_ptr<Clock> clock,
                                                     std::shared_ptr<Random> random) {
    auto kinds = work::Kinds::make(config.jobs.contents());
    if (!kinds) return std::move(kinds).error();
    return std::unique_ptr<Background>(new Background(std::move(*kinds), config, store, metrics, log, identifier,
                                                      std::move(clock), std::move(random)));
}

Background::Background(work::Kinds kinds, Config const& config, store::Store& store, telemetry::Metrics& metrics,
                       telemetry::Logger const& log, operation::Identifier& identifier, std::shared_ptr<Clock> clock,
                       std::shared_ptr<Random> random)
    : threads_(static_cast<std::size_t>(config.threads.jobs)),
      kinds_(std::move(kinds)),
      event_hub_({.store = store,
                  .identifier = identifier,
                  .metrics = metrics,
                  .log = log,
                  .clock = clock,
                  .thread = config.threads.events,
                  .most = static_cast<std::size_t>(config.limits.streams),
                  .most_per_caller = static_cast<std::size_t>(config.limits.streams_per_caller)}),
      random_(std::move(random)),
      queue_(kinds_, store.signals(), *random_),
      engine_({.store = store,
               .kinds = kinds_,
               .queue = queue_,
               .metrics = metrics,
               .log = log,
               .clock = std::move(clock),
               .random = random_,
               .lease = std::chrono::seconds(config.work.lease_seconds)}),
      workers_(engine_, store.signals(), log),
      service_(queue_, store.signals()),
      event_service_(event_hub_) {}

void Background::start() {
    if (threads_ > 0 && !kinds_.names().empty()) workers_.start(threads_);
}

}  // namespace nexpo::backend

// SPDX-License-Identifier: Apache-2.0
#include "backend/background.hpp"

#include <utility>

namespace nexpo::backend {

Result<std::unique_ptr<Background>> Background::make(Config const& config, JobTable const& jobs, store::Store& store,
                                                     telemetry::Metrics& metrics, telemetry::Logger const& log,
                                                     std::shared_ptr<Clock> clock, std::shared_ptr<Random> random) {
    auto kinds = work::Kinds::make(jobs.contents());
    if (!kinds) return std::move(kinds).error();
    return std::unique_ptr<Background>(
        new Background(std::move(*kinds), config, store, metrics, log, std::move(clock), std::move(random)));
}

Background::Background(work::Kinds kinds, Config const& config, store::Store& store, telemetry::Metrics& metrics,
                       telemetry::Logger const& log, std::shared_ptr<Clock> clock, std::shared_ptr<Random> random)
    : threads_(static_cast<std::size_t>(config.threads.jobs)),
      kinds_(std::move(kinds)),
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
      schedules_(kinds_, queue_) {}

Result<void> Background::start() {
    if (threads_ == 0 || kinds_.names().empty()) return {};
    if (auto declared = declare(); !declared) return declared;
    workers_.start(threads_);
    return {};
}

Result<std::int64_t> Background::work(WorkOptions const& options) {
    if (auto declared = declare(); !declared) return std::move(declared).error();
    return workers_.work(options);
}

/// By processes that run jobs, so that others change nothing.
Result<void> Background::declare() {
    std::lock_guard const lock(declaring_);
    if (declared_) return {};
    auto declared = engine_.declare_schedules();
    declared_ = declared.has_value();
    return declared;
}

}  // namespace nexpo::backend

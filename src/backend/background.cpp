// SPDX-License-Identifier: Apache-2.0
#include "backend/background.hpp"

#include <utility>

#include "drivers/queue/registry.hpp"

namespace nexpo::backend {

Result<std::unique_ptr<Background>> Background::make(Config const& config, JobTable const& jobs, store::Store& store,
                                                     telemetry::Metrics& metrics, telemetry::Logger const& log,
                                                     std::shared_ptr<Clock> clock, std::shared_ptr<Random> random) {
    auto kinds = work::Kinds::make(jobs.contents());
    if (!kinds) return std::move(kinds).error();
    auto queue = config.queue;
    if (!config.work.queue.empty()) {
        auto opened = drivers::open_queue(config.work.queue.reveal(), {.clock = clock, .random = random});
        if (!opened) return std::move(opened).error();
        queue = std::move(*opened);
    }
    return std::unique_ptr<Background>(new Background(std::move(*kinds), std::move(queue), config, store, metrics, log,
                                                      std::move(clock), std::move(random)));
}

Background::Background(work::Kinds kinds, std::shared_ptr<Queue> queue, Config const& config, store::Store& store,
                       telemetry::Metrics& metrics, telemetry::Logger const& log, std::shared_ptr<Clock> clock,
                       std::shared_ptr<Random> random)
    : threads_(static_cast<std::size_t>(config.threads.jobs)),
      queue_threads_(config.threads.queue),
      kinds_(std::move(kinds)),
      random_(std::move(random)),
      link_(queue ? std::make_unique<work::QueueLink>(
                        std::move(queue), [this] { workers_.wake(); }, metrics, log)
                  : nullptr),
      queue_(kinds_, store.signals(), *random_, link_.get()),
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
    bool const works = threads_ > 0 && !kinds_.names().empty();
    if (works) {
        if (auto declared = declare(); !declared) return declared;
        workers_.start(threads_);
    }
    if (link_ && queue_threads_) link_->start(works);
    return {};
}

Result<std::int64_t> Background::work(WorkOptions const& options) {
    if (auto declared = declare(); !declared) return std::move(declared).error();
    auto count = workers_.work(options);
    if (link_ && !queue_threads_) link_->send();
    return count;
}

/// By processes that run jobs, so that others change nothing.
Result<void> Background::declare() {
    std::lock_guard const lock(declaring_);
    if (declared_) return {};
    auto declared = engine_.declare_schedules();
    declared_ = declared.has_value();
    return declared;
}

void Background::close() {
    workers_.close();
    if (link_) link_->close();
}

}  // namespace nexpo::backend

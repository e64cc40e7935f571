// SPDX-License-Identifier: Apache-2.0
#include "backend/background.hpp"

#include <utility>

#include "drivers/queue/registry.hpp"

namespace nexpo::backend {

Result<std::unique_ptr<Background>> Background::make(BackgroundParts const& parts) {
    auto kinds = work::Kinds::make(parts.jobs.contents());
    if (!kinds) return std::move(kinds).error();
    auto queue = parts.config.queue;
    auto const& url = parts.config.work.queue;
    if (!url.empty()) {
        auto opened = drivers::open_queue(url.reveal(), {.clock = parts.clock, .random = parts.random});
        if (!opened) return std::move(opened).error();
        queue = std::move(*opened);
    }
    return std::unique_ptr<Background>(new Background(std::move(*kinds), std::move(queue), parts));
}

Background::Background(work::Kinds kinds, std::shared_ptr<Queue> queue, BackgroundParts const& parts)
    : threads_(static_cast<std::size_t>(parts.config.threads.jobs)),
      queue_threads_(parts.config.threads.queue),
      kinds_(std::move(kinds)),
      event_hub_({.store = parts.store,
                  .identifier = parts.identifier,
                  .metrics = parts.metrics,
                  .log = parts.log,
                  .clock = parts.clock,
                  .thread = parts.config.threads.events,
                  .most = static_cast<std::size_t>(parts.config.limits.streams),
                  .most_per_caller = static_cast<std::size_t>(parts.config.limits.streams_per_caller)}),
      random_(parts.random),
      link_(queue ? std::make_unique<work::QueueLink>(
                        std::move(queue), [this] { workers_.wake(); }, parts.metrics, parts.log)
                  : nullptr),
      queue_(kinds_, parts.store.signals(), *random_, link_.get()),
      engine_({.store = parts.store,
               .kinds = kinds_,
               .queue = queue_,
               .metrics = parts.metrics,
               .log = parts.log,
               .clock = parts.clock,
               .random = random_,
               .lease = std::chrono::seconds(parts.config.work.lease_seconds)}),
      workers_(engine_, parts.store.signals(), parts.log),
      service_(kinds_, queue_, parts.store.signals()),
      schedules_(kinds_, queue_),
      event_service_(event_hub_) {}

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
    event_hub_.close();
    workers_.close();
    if (link_) link_->close();
}

}  // namespace nexpo::backend

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

#include "nexpo/config.hpp"
#include "operation/ports.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "work/engine.hpp"
#include "work/event_hub.hpp"
#include "work/event_service.hpp"
#include "work/job_queue.hpp"
#include "work/job_service.hpp"
#include "work/kinds.hpp"
#include "work/queue_link.hpp"
#include "work/schedule_service.hpp"
#include "work/workers.hpp"

namespace nexpo::backend {

/// What the work engine is made from. The references outlive it.
struct BackgroundParts {
    Config const& config;
    JobTable const& jobs;  ///< Of the application and of the library.
    store::Store& store;
    telemetry::Metrics& metrics;
    telemetry::Logger log;
    operation::Identifier& identifier;
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Random> random;
};

/// The work engine of a backend, and its live events. Members stand in the order in which they need each other.
class Background {
 public:
    /// Errors: invalid_argument (`job_kind_invalid`, `job_schedule_invalid`, `queue_url_invalid`).
    static Result<std::unique_ptr<Background>> make(BackgroundParts const& parts);

    ~Background() { close(); }
    Background(Background const&) = delete;
    Background& operator=(Background const&) = delete;

    void add_operations(OperationTable& table) {
        work::add_operations(table, service_);
        work::add_operations(table, schedules_);
        work::add_operations(table, event_service_);
    }
    /// What subscriptions can be for.
    work::EventCatalogue& events() noexcept { return event_hub_.catalogue(); }
    work::JobQueue& queue() noexcept { return queue_; }
    /// Keeps the declared schedules and starts the threads that the configuration names, unless there is no kind of
    /// job to run. Errors: unavailable.
    Result<void> start();
    /// Runs due jobs here. Errors: unavailable.
    Result<std::int64_t> work(WorkOptions const& options);
    void close();

 private:
    Background(work::Kinds kinds, std::shared_ptr<Queue> queue, BackgroundParts const& parts);

    Result<void> declare();

    std::size_t threads_;
    bool queue_threads_;
    work::Kinds kinds_;
    work::EventHub event_hub_;
    std::shared_ptr<Random> random_;
    std::unique_ptr<work::QueueLink> link_;  ///< Null without a queue outside of the database.
    work::JobQueue queue_;
    work::Engine engine_;
    work::Workers workers_;
    work::JobService service_;
    work::ScheduleService schedules_;
    work::EventService event_service_;
    std::mutex declaring_;
    bool declared_ = false;
};

}  // namespace nexpo::backend

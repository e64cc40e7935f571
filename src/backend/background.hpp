// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "nexpo/config.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "work/engine.hpp"
#include "work/event_hub.hpp"
#include "work/event_service.hpp"
#include "work/job_queue.hpp"
#include "work/job_service.hpp"
#include "work/kinds.hpp"
#include "work/workers.hpp"

namespace nexpo::backend {

/// The work engine of a backend. Members stand in the order in which they need each other.
class Background {
 public:
    /// Errors: invalid_argument (`job_kind_invalid`).
    static Result<std::unique_ptr<Background>> make(Config const& config, store::Store& store,
                                                    telemetry::Metrics& metrics, telemetry::Logger const& log,
                                                    operation::Identifier& identifier, std::shared_ptr<Clock> clock,
                                                    std::shared_ptr<Random> random);

    void add_operations(OperationTable& table) {
        work::add_operations(table, service_);
        work::add_operations(table, event_service_);
    }
    /// What subscriptions can be for.
    work::EventCatalogue& events() noexcept { return event_hub_.catalogue(); }
    operation::JobQueue& queue() noexcept { return queue_; }
    /// Starts the threads that the configuration names, unless there is no kind of job to run.
    void start();
    Result<std::int64_t> work(WorkOptions const& options) { return workers_.work(options); }
    void close() {
        event_hub_.close();
        workers_.close();
    }

 private:
    Background(work::Kinds kinds, Config const& config, store::Store& store, telemetry::Metrics& metrics,
               telemetry::Logger const& log, operation::Identifier& identifier, std::shared_ptr<Clock> clock,
               std::shared_ptr<Random> random);

    std::size_t threads_;
    work::Kinds kinds_;
    work::EventHub event_hub_;
    std::shared_ptr<Random> random_;
    work::JobQueue queue_;
    work::Engine engine_;
    work::Workers workers_;
    work::JobService service_;
    work::EventService event_service_;
};

}  // namespace nexpo::backend

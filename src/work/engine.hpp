// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/function_ref.hpp"
#include "nexpo/random.hpp"
#include "nexpo/time.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "work/job_ends.hpp"
#include "work/job_queue.hpp"
#include "work/job_run_state.hpp"
#include "work/kinds.hpp"
#include "work/scheduler.hpp"

namespace nexpo::work {

/// What the engine works with. The references outlive it.
struct EngineParts {
    store::Store& store;
    Kinds const& kinds;
    JobQueue& queue;
    telemetry::Metrics& metrics;
    telemetry::Logger log;
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Random> random;
    std::chrono::seconds lease;
};

/// Which jobs are taken.
enum class Wanted : std::uint8_t { all, holding_a_thread };

/// The steps that run jobs, without threads of its own: who calls them, and when, is the worker's affair or a test's.
/// Thread-safe. Whatever is not finished, because the process ended or the database did not answer, is found again by
/// its lease.
class Engine {
 public:
    /// An attempt that is being made.
    using Attempt = std::shared_ptr<JobRunState>;

    explicit Engine(EngineParts parts)
        : parts_(std::move(parts)), scheduler_(*parts_.random, parts_.log), ends_(parts_.store, parts_.clock) {}

    /// Keeps the schedules that the application declares. Errors: unavailable.
    Result<void> declare_schedules() const;

    /// What there is to do. Errors: unavailable.
    Result<Agenda> agenda() const;
    /// Makes what is due ready, gives up on workers that were not heard of, forgets what is old, and takes at most
    /// `most` jobs for `lease`, of all kinds or only of those whose handlers hold a thread. Errors: unavailable.
    Result<std::vector<Attempt>> take(std::int64_t most, std::chrono::seconds lease, Wanted wanted = Wanted::all);
    /// The same of one job, or null when there is none, for whoever cannot renew its lease: it is as long as an attempt
    /// at the job may take. Errors: unavailable.
    Result<Attempt> take_alone();
    /// Calls the handler on this thread, which may go on without it; its write is committed by the store, and `done`
    /// called when the attempt is over, on whatever thread.
    void run(Attempt const& attempt, std::function<void()> done);
    /// Renews the leases of attempts whose time is not over, and stops those that are, or are cancelled or lost.
    void renew(std::span<Attempt const> attempts);
    /// Gives back what was taken and not begun; what was called off meanwhile is over.
    void give_back(std::span<Attempt const> attempts);

    std::chrono::seconds lease() const noexcept { return parts_.lease; }
    Clock& clock() const noexcept { return *parts_.clock; }

 private:
    Result<std::vector<Attempt>> take(
        std::int64_t most, std::chrono::seconds lease, std::vector<std::string> const& kinds,
        base::FunctionRef<Result<void>(Transaction const&, ClaimedJob const&)> claimed_one);
    Result<void> move_on(Transaction const& tx, Timestamp now, std::int64_t most);
    Result<void> forget(Transaction const& tx, Timestamp now, std::int64_t most);
    Result<void> give_back(Transaction const& tx, JobRunState const& attempt) const;
    Attempt make_attempt(ClaimedJob job, Timestamp now) const;
    Result<void> read_input(JobRunState& attempt) const;
    AnyReply call_handler(JobRunState& attempt) const;
    void end(Attempt const& attempt, AnyOutput const& output, std::function<void()> done);
    void begin(Attempt const& attempt, std::function<void()> done);
    void conclude(Attempt const& attempt, AnyReply reply, std::function<void()> done);
    void write(Attempt const& attempt, AnyWrite closure, std::function<void()> done);
    Result<void> write_once(JobRunState& attempt, AnyWrite const& closure, Transaction& tx,
                            TransactionState& transaction) const;
    void fail(Attempt const& attempt, Error const& error, std::function<void()> done);
    void report_failure(JobRunState const& attempt, Error const& error) const;
    Result<void> record_failure(Transaction const& tx, JobRunState const& attempt, Error const& error) const;
    Result<void> record_failure(Transaction const& tx, ClaimedJob const& job, JobKind const& kind, Error const& error,
                                Timestamp now) const;
    void count(JobRunState const& attempt, char const* outcome) const;

    EngineParts parts_;
    Scheduler scheduler_;
    JobEnds ends_;
    std::atomic<Timestamp> forget_at_ = Timestamp();
    std::atomic<bool> forgets_more_ = false;
};

}  // namespace nexpo::work

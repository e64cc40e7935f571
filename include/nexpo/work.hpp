// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Background jobs: what happens later than the call that asked for it.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/json.hpp"
#include "nexpo/operation.hpp"
#include "nexpo/page.hpp"
#include "nexpo/result.hpp"
#include "nexpo/schedule.hpp"
#include "nexpo/store.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

struct JobRunState;

/// Where a job stands. The last three are final.
enum class JobState : std::uint8_t {
    scheduled,  ///< Waits for its time, or for the time of its next attempt.
    blocked,    ///< Waits until fewer jobs with its concurrency key run.
    ready,      ///< Waits for a worker.
    running,    ///< A worker has it.
    succeeded,  ///< Done.
    dead,       ///< Given up; `cause` says why. `jobs.retry` or `jobs.replay` starts it anew.
    cancelled,  ///< Called off.
};

/// The states' names in requests and answers.
constexpr std::array<std::string_view, 7> enum_names(JobState) {
    return {"scheduled", "blocked", "ready", "running", "succeeded", "dead", "cancelled"};
}

/// How a job is queued.
struct JobOptions {
    std::optional<Timestamp> run_at{};  ///< Not before; absent: at once.
    std::int64_t priority = 0;          ///< -10 to 10; each step counts like a minute of waiting, so that none starves.
    /// While a job of this kind in this organization with the same key is kept, queuing answers that one. At most 255
    /// characters; empty: none.
    std::string idempotency_key{};
    /// While a job of this kind in this organization with the same key is not finished, queuing answers that one. At
    /// most 255 characters; empty: none.
    std::string unique_key{};
    /// At most `concurrency` jobs of this organization with the same key run at a time. At most 255 characters; empty:
    /// no limit.
    std::string concurrency_key{};
    std::int64_t concurrency = 1;  ///< 1 to 1,000; only with a key.
    /// With a concurrency key: jobs run in the order in which they were queued, those with `run_at` in the order of
    /// their times, and one whose attempt failed holds up those behind it until it has succeeded or is given up. Needs
    /// `concurrency` 1.
    bool ordered = false;
};

/// What kind of job a handler takes.
struct JobKind {
    std::string name{};                         ///< `<noun>.<verb>` in snake_case, for example `invoice.send`.
    std::string summary{};                      ///< One line for people.
    std::int64_t max_attempts = 10;             ///< 1 to 100; then the job is dead.
    std::chrono::milliseconds backoff{1'000};   ///< Before the second attempt at most; doubles with each attempt.
    std::chrono::seconds backoff_limit{3'600};  ///< The longest time between attempts.
    /// Instead of `backoff`: the time before the second attempt, the third and so on, each up to a tenth longer; the
    /// last one goes for all that follow. At most 100, of 1 second to 30 days; empty: `backoff` goes.
    std::vector<std::chrono::seconds> delays{};
    std::chrono::seconds time_limit{300};   ///< For one attempt; beyond it another worker may take the job.
    std::chrono::hours keep{24};            ///< How long a succeeded or cancelled job is kept; at least 0.
    std::chrono::hours keep_dead{24 * 14};  ///< How long a dead job is kept.
    std::vector<EventType> emits{};         ///< Events that its closures emit.
    bool schedulable = false;               ///< Whoever has `jobs:manage` may schedule it (`schedules.create`).
};

/// What the handler of one attempt sees. Valid until the attempt is over. Thread-safe for reading.
class NEXPO_API JobRun {
 public:
    JobRun(JobRun const&) = delete;
    JobRun& operator=(JobRun const&) = delete;

    /// The job's id, `job_…`. It stays the same over all attempts: give it to others as an idempotency key.
    std::string const& id() const noexcept;
    /// The organization that the job works in; empty for the installation's own.
    std::string const& organization_id() const noexcept;
    /// What the job's handler takes.
    StructType const& input_type() const noexcept;
    /// 1 for the first attempt.
    std::int64_t attempt() const noexcept;
    /// The time for which a schedule queued the job; nothing for other jobs.
    std::optional<Timestamp> scheduled_for() const noexcept;
    /// The attempt after which the job is given up.
    std::int64_t max_attempts() const noexcept;
    /// The time at which the attempt began; the same throughout.
    Timestamp now() const noexcept;
    /// A fresh id, see `make_id`.
    std::string new_id(std::string_view prefix) const;
    /// Requested when the job was cancelled, the backend closes, or the time of the attempt is over.
    std::stop_token stop_token() const noexcept;
    /// True when stop was requested.
    bool stop_requested() const noexcept { return stop_token().stop_requested(); }
    /// Tells observers how far the attempt is: 0 to 100 percent and a line of at most 200 characters.
    /// Errors: aborted (`job_lost`: another worker has the job; end the attempt), unavailable.
    Result<void> progress(int percent, std::string_view note) const;

    /// Runs `function(Read&)`, which returns a `Result`, on a snapshot, and returns its result.
    template <class F>
    std::invoke_result_t<F&, Read&> read(F&& function) const {
        using Answer = std::invoke_result_t<F&, Read&>;
        struct Context {
            std::remove_reference_t<F>* function;
            std::optional<Answer> answer;
        } context{&function, {}};
        auto done = run_read(
            [](void* at, Read& read) -> Result<void> {
                auto& self = *static_cast<Context*>(at);
                self.answer.emplace((*self.function)(read));
                if (!*self.answer) return self.answer->error();
                return {};
            },
            &context);
        if (!done) return std::move(done).error();
        return std::move(*context.answer);
    }

    /// The last step of a handler: `return run.write([…](Transaction& tx) -> Result<Out> {…});`. What the closure
    /// writes is committed together with the end of the job, once or not at all, however often the job is attempted. It
    /// may run twice, so it touches nothing but the transaction; capture by value, because the handler has returned by
    /// then (the input and the run stay valid).
    template <class F>
    auto write(F closure) const {
        using Answer = std::invoke_result_t<F&, Transaction&>;
        return Reply<typename Answer::value_type>(
            typename Reply<typename Answer::value_type>::Write(std::move(closure)));
    }

    /// Made by the library.
    explicit JobRun(JobRunState& state) noexcept : state_(&state) {}

 private:
    Result<void> run_read(Result<void> (*function)(void*, Read&), void* context) const;

    JobRunState* state_;
};

/// A kind of job whose types are known only when the program runs, as those of a language binding are.
struct AnyJob {
    JobKind kind{};  ///< What it is.
    /// What it takes; lives as long as the process. Null for one that follows an event: the event's payload.
    StructType const* input = nullptr;
    StructType const* output = nullptr;  ///< What it answers; lives as long as the process.
    /// What it does, see `JobTable::add`; gets an `input` (`JobRun::input_type`) and answers an `output`.
    std::function<AnyReply(JobRun&, void const*)> handler{};
    /// Instead of `handler`: goes on without the thread, and answers once, on any thread.
    std::function<void(JobRun&, void const*, std::function<void(AnyReply)>)> begin{};
};

/// @cond implementation
struct AnySchedule {
    std::string name{};
    std::string kind{};
    ScheduleOptions options{};
    StructType const* input = nullptr;
    std::string payload{};
};
/// @endcond

/// The kinds of jobs that a backend runs. Filled before `Backend::open`; not thread-safe.
///
/// A handler answers with an output, which is kept as the job's result, with an error, or with a write. These errors
/// end the job at once, because another attempt would end alike: invalid_argument, out_of_range, not_found,
/// already_exists, permission_denied, unauthenticated, failed_precondition, unimplemented, data_loss. After all others,
/// and whatever is thrown, there is another attempt: after a random time up to `backoff` doubled with each attempt, and
/// not before `Error::retry_after`, of which a year counts. A write that answers `tx.refuse(error)` is committed
/// together with the failure of the attempt.
class NEXPO_API JobTable {
 public:
    JobTable();
    JobTable(JobTable const&);
    JobTable(JobTable&&) noexcept;
    JobTable& operator=(JobTable const&);
    JobTable& operator=(JobTable&&) noexcept;
    ~JobTable();

    /// Adds a kind. `Backend::open` refuses names that are malformed or taken, and limits out of range.
    template <class In, class Out>
    JobTable& add(JobKind kind, std::function<Reply<Out>(JobRun&, In const&)> handler) {
        AnyJob job{.kind = std::move(kind), .input = &struct_type<In>(), .output = &struct_type<Out>(), .handler = {}};
        if (handler) {
            job.handler = [handler = std::move(handler)](JobRun& run, void const* input) -> AnyReply {
                auto reply = handler(run, *static_cast<In const*>(input));
                if (auto* result = std::get_if<0>(&reply.state())) return erase(std::move(*result));
                return AnyWrite(
                    [write = std::move(*std::get_if<1>(&reply.state()))](Transaction& tx) { return erase(write(tx)); });
            };
        }
        return add_untyped(std::move(job));
    }

    /// Adds a kind whose types are known only when the program runs (`StructBuilder`).
    JobTable& add_untyped(AnyJob job);

    /// Adds a kind of which one job is queued for each event of this name, in the transaction that emits it. `In` is
    /// the event's payload. `Backend::open` refuses an event that nothing emits, or with another payload.
    template <class In, class Out>
    JobTable& on(std::string event, JobKind kind, std::function<Reply<Out>(JobRun&, In const&)> handler) {
        subscribe(std::move(event), kind.name);
        return add<In, Out>(std::move(kind), std::move(handler));
    }

    /// The same for a kind whose types are known only when the program runs.
    JobTable& on_untyped(std::string event, AnyJob job);

    /// Queues a job of the kind again and again, whichever process is there first. The schedule is kept under its name
    /// (at most 100 characters): when the application starts with another rule or input, that counts from then on, and
    /// one that it does not declare any more is removed. `Backend::open` refuses rules and time zones that are not
    /// valid, and a kind that is not declared or takes something else.
    template <class In>
    JobTable& schedule(std::string name, std::string kind, ScheduleOptions options, In const& input) {
        return schedule_untyped(std::move(name), std::move(kind), std::move(options), struct_type<In>(), &input);
    }

    /// The same with an input whose type, which lives as long as the process, is known only when the program runs.
    JobTable& schedule_untyped(std::string name, std::string kind, ScheduleOptions options, StructType const& type,
                               void const* input);

    /// @cond implementation
    struct Contents {
        std::vector<AnyJob> jobs{};
        std::vector<std::pair<std::string, std::string>> subscriptions{};
        std::vector<AnySchedule> schedules{};
    };
    Contents const& contents() const noexcept { return contents_; }
    Contents& contents() noexcept { return contents_; }
    /// @endcond

 private:
    template <class Out>
    static Result<AnyOutput> erase(Result<Out> result) {
        if (!result) return std::move(result).error();
        return AnyOutput(std::make_shared<Out const>(std::move(*result)));
    }

    void subscribe(std::string event, std::string kind);

    Contents contents_;
};

/// How far `Backend::work` goes.
struct WorkOptions {
    std::optional<Timestamp> until{};  ///< No job is begun after this time; absent: until none is due.
    std::int64_t max_jobs = 10'000;    ///< No more jobs than this.
};

/// A job as its owners see it.
struct Job {
    std::string id{};                              ///< `job_…`
    std::optional<std::string> organization_id{};  ///< `org_…`; absent for the installation's own.
    std::string kind{};                            ///< What it does, for example `invoice.send`.
    JobState state = JobState::ready;              ///< Where it stands.
    std::int64_t priority = 0;                     ///< -10 to 10.
    Timestamp run_at{};                            ///< When it is, or was, due.
    std::int64_t attempt = 0;                      ///< Attempts so far.
    std::int64_t max_attempts = 0;                 ///< Attempts that it has.
    std::int64_t progress = 0;                     ///< 0 to 100.
    std::string progress_note{};                   ///< What it is at.
    bool cancel_requested = false;                 ///< It was called off while it ran; how it ended, `state` says.
    std::optional<std::string> cause{};            ///< Why the last attempt failed: a stable word.
    std::optional<std::string> cause_message{};    ///< The same for people.
    std::optional<std::string> idempotency_key{};  ///< See `JobOptions`.
    std::optional<std::string> unique_key{};       ///< See `JobOptions`.
    std::optional<std::string> concurrency_key{};  ///< See `JobOptions`.
    Json payload{};                                ///< What the handler gets.
    std::optional<Json> result{};                  ///< What the handler answered.
    std::optional<std::string> schedule_id{};      ///< `sch_…`, when a schedule queued it.
    std::optional<Timestamp> scheduled_for{};      ///< The time for which a schedule queued it.
    Timestamp created_at{};                        ///< When it was queued.
    std::optional<Timestamp> started_at{};         ///< When its last attempt began.
    std::optional<Timestamp> finished_at{};        ///< When it ended.
};

/// Input of `jobs.get`.
struct GetJob {
    std::string id{};  ///< `job_…`
};

/// Input of `jobs.list`.
struct ListJobs {
    int limit = kDefaultPageLimit;        ///< 1 to 200.
    std::optional<std::string> cursor{};  ///< `next` of the page before.
    std::optional<JobState> state{};      ///< Only jobs in this state.
    std::optional<std::string> kind{};    ///< Only jobs of this kind.
};

/// Input of `jobs.cancel`.
struct CancelJob {
    std::string id{};  ///< `job_…`
};

/// Input of `jobs.retry`.
struct RetryJob {
    std::string id{};  ///< `job_…`
};

/// Input of `jobs.replay`.
struct ReplayJobs {
    std::vector<std::string> ids{};     ///< Only these; empty: all that the rest fits.
    std::optional<std::string> kind{};  ///< Only of this kind.
    std::optional<Timestamp> since{};   ///< Only those that died at this time or later.
    std::int64_t limit = 1'000;         ///< At most so many, the oldest first; 1 to 10,000.
};

/// Output of `jobs.replay`.
struct ReplayedJobs {
    std::int64_t count = 0;  ///< How many jobs start anew.
};

NEXPO_API StructType describe(Type<Job>);           ///< Description.
NEXPO_API StructType describe(Type<GetJob>);        ///< Description.
NEXPO_API StructType describe(Type<ListJobs>);      ///< Description.
NEXPO_API StructType describe(Type<CancelJob>);     ///< Description.
NEXPO_API StructType describe(Type<RetryJob>);      ///< Description.
NEXPO_API StructType describe(Type<ReplayJobs>);    ///< Description.
NEXPO_API StructType describe(Type<ReplayedJobs>);  ///< Description.

/// The jobs of the caller's organization. Cheap to copy and safe to share between threads. Every method also fails
/// with: unauthenticated, permission_denied, invalid_argument (`validation_failed`), resource_exhausted,
/// deadline_exceeded, cancelled, unavailable.
class NEXPO_API Jobs {
 public:
    /// One job. Errors: not_found (`job_not_found`).
    Result<Job> get(GetJob const& input) const;
    /// Jobs in the order in which they were queued. Errors: invalid_argument (`cursor_invalid`).
    Result<Page<Job>> list(ListJobs const& input) const;
    /// Calls a job off. One that runs is asked to stop, and is cancelled unless it succeeds all the same.
    /// Errors: not_found (`job_not_found`), failed_precondition (`job_finished`).
    Result<Job> cancel(CancelJob const& input) const;
    /// Starts a dead or cancelled job anew, with all its attempts, or lets one that waits for its next attempt run at
    /// once. Errors: not_found (`job_not_found`), failed_precondition (`job_not_stopped`), already_exists
    /// (`job_not_unique`: another one with its unique key is not finished).
    Result<Job> retry(RetryJob const& input) const;
    /// Starts dead jobs anew, with all their attempts; those whose unique key another one has stay dead.
    Result<ReplayedJobs> replay(ReplayJobs const& input) const;

    /// Made by `Api::jobs`.
    explicit Jobs(std::shared_ptr<ApiState const> state) noexcept;

 private:
    std::shared_ptr<ApiState const> state_;
};

}  // namespace nexpo::inline v1

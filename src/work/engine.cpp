// SPDX-License-Identifier: Apache-2.0
#include "work/engine.hpp"

#include <algorithm>
#include <utility>

#include "describe/codec.hpp"
#include "operation/closure_jobs.hpp"
#include "operation/outbox.hpp"
#include "store/guarded.hpp"
#include "store/index_order.hpp"
#include "store/scope_change.hpp"
#include "work/backoff.hpp"
#include "work/declared_schedules.hpp"
#include "work/short_text.hpp"

namespace nexpo::work {

namespace {

/// Kept small, so that calls which wait for the writer do not wait for long.
constexpr std::int64_t kMostMoved = 500;
constexpr std::int64_t kMostFired = 100;
/// Between two times that old jobs are forgotten, while there are more of them.
constexpr std::chrono::milliseconds kForgetPause{100};
constexpr std::chrono::seconds kLookTime{10};
/// Beyond a kind's time limit, when nobody renews the lease meanwhile.
constexpr std::chrono::seconds kMargin{10};
constexpr std::size_t kMaxReason = 100;
constexpr std::size_t kMaxCause = 500;

/// Another attempt would end alike.
bool is_final(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
        case Errc::out_of_range:
        case Errc::not_found:
        case Errc::already_exists:
        case Errc::permission_denied:
        case Errc::unauthenticated:
        case Errc::failed_precondition:
        case Errc::unimplemented:
        case Errc::data_loss:
            return true;
        default:
            return false;
    }
}

bool is_lost(Error const& error) {
    return error.code == Errc::aborted && error.reason == "job_lost";
}

Cause cause_of(Error const& error) {
    return {.reason = error.reason.empty() ? std::string(to_string(error.code)) : short_text(error.reason, kMaxReason),
            .message = short_text(error.message, kMaxCause)};
}

/// What is kept of a job's output.
Result<std::string> encode(AnyJob const& kind, AnyOutput const& output) {
    auto text = to_json(*kind.output, output.get());
    if (holds_nul(text)) {
        return Error{Errc::invalid_argument, "result_invalid", "the result holds U+0000, which cannot be kept"};
    }
    if (nests_too_deep(text)) {
        return Error{Errc::invalid_argument, "result_invalid", "the result nests more than 256 levels deep"};
    }
    return text;
}

/// The transactions of the engine alone; those of handlers look for all conflicts.
store::Access engine_access() {
    return {.scope = store::Scope::installation(), .locks_rows = true};
}

/// A kind that is not known here, of a job whose worker was lost.
JobKind const& unknown_kind() {
    static JobKind const kind;
    return kind;
}

}  // namespace

Result<void> Engine::declare_schedules() const {
    return parts_.store.write_and_wait({store::Scope::installation()}, [&](Transaction& tx, TransactionState&) {
        return work::declare_schedules(tx, parts_.kinds, parts_.clock->now(), *parts_.random);
    });
}

Result<Agenda> Engine::agenda() const {
    Agenda agenda;
    auto const looked = parts_.store.read({store::Scope::installation()},
                                          {.deadline = parts_.clock->steady_now() + kLookTime}, [&](Read& read) {
                                              auto found = JobStore::agenda(read);
                                              if (!found) return Result<void>(std::move(found).error());
                                              agenda = *found;
                                              return Result<void>();
                                          });
    if (!looked) return looked.error();
    auto const forget_at = forget_at_.load();
    if (forgets_more_ && (!agenda.next || forget_at < *agenda.next)) agenda.next = forget_at;
    return agenda;
}

Result<std::vector<Engine::Attempt>> Engine::take(std::int64_t most, std::chrono::seconds lease, Wanted wanted) {
    auto const& kinds = wanted == Wanted::all ? parts_.kinds.names() : parts_.kinds.holding_names();
    return take(most, lease, kinds, [](Transaction const&, ClaimedJob const&) { return Result<void>(); });
}

Result<Engine::Attempt> Engine::take_alone() {
    auto const lease_for = [this](std::chrono::seconds attempt) { return std::max(lease(), attempt + kMargin); };
    auto const longest = lease_for(parts_.kinds.longest_attempt());
    auto const now = parts_.clock->now();
    auto taken = take(1, longest, parts_.kinds.names(), [&](Transaction const& tx, ClaimedJob const& job) {
        auto const enough = lease_for(parts_.kinds.find(job.kind)->kind.time_limit);
        auto renewed = enough == longest ? Result<bool>(false) : JobStore::renew(tx, job, now + enough);
        return renewed ? Result<void>() : std::move(renewed).error();
    });
    if (!taken) return std::move(taken).error();
    return taken->empty() ? Attempt() : std::move(taken->front());
}

Result<std::vector<Engine::Attempt>> Engine::take(
    std::int64_t most, std::chrono::seconds lease, std::vector<std::string> const& kinds,
    base::FunctionRef<Result<void>(Transaction const&, ClaimedJob const&)> claimed_one) {
    std::vector<ClaimedJob> claimed;
    auto const now = parts_.clock->now();
    auto const taken =
        parts_.store.write_and_wait(engine_access(), [&](Transaction& tx, TransactionState&) -> Result<void> {
            if (auto moved = move_on(tx, now, most); !moved) return moved;
            auto found = JobStore::claim(tx, kinds, now, now + lease, most);
            if (!found) return std::move(found).error();
            claimed = std::move(*found);
            for (auto const& job : claimed) {
                if (auto done = claimed_one(tx, job); !done) return done;
            }
            return {};
        });
    if (!taken) return taken.error();
    std::vector<Attempt> attempts;
    attempts.reserve(claimed.size());
    for (auto& job : claimed) attempts.push_back(make_attempt(std::move(job), now));
    return attempts;
}

Result<void> Engine::move_on(Transaction const& tx, Timestamp now, std::int64_t most) {
    if (auto sorted = store::prefer_index_order(tx); !sorted) return sorted;
    if (auto fired = scheduler_.fire(tx, now, kMostFired); !fired) return fired;
    if (auto promoted = JobStore::promote(tx, now, kMostMoved); !promoted) return std::move(promoted).error();
    auto const lost = JobStore::lost(tx, now, kMostMoved);
    if (!lost) return lost.error();
    for (auto const& job : *lost) {
        auto const* known = parts_.kinds.find(job.kind);
        auto const cancelled = JobStore::is_cancel_requested(tx, job);
        if (!cancelled) return cancelled.error();
        if (*cancelled) {
            auto const keep = known == nullptr ? unknown_kind().keep : known->kind.keep;
            if (auto done = JobStore::cancelled(tx, job, now, now + keep); !done) return done;
            continue;
        }
        auto recorded = record_failure(tx, job, known == nullptr ? unknown_kind() : known->kind,
                                       {Errc::unavailable, "worker_lost", "its worker was not heard of in time"}, now);
        if (!recorded) return recorded;
    }
    return forget(tx, now, kMostMoved + most);
}

/// Once a minute, and soon again as long as there is more: faster than jobs are taken.
Result<void> Engine::forget(Transaction const& tx, Timestamp now, std::int64_t most) {
    constexpr std::chrono::minutes kUsually{1};
    auto const due = forget_at_.load();
    if (now < due && due - now <= kUsually) return {};
    auto pruned = JobStore::prune(tx, now, most);
    if (!pruned) return std::move(pruned).error();
    forgets_more_ = *pruned >= most;
    forget_at_ = forgets_more_ ? now + kForgetPause : std::chrono::floor<std::chrono::minutes>(now) + kUsually;
    return {};
}

Engine::Attempt Engine::make_attempt(ClaimedJob job, Timestamp now) const {
    auto const& kind = *parts_.kinds.find(job.kind);
    return std::make_shared<JobRunState>(std::move(job), kind, parts_.store, parts_.random, now,
                                         parts_.clock->steady_now() + kind.kind.time_limit);
}

void Engine::run(Attempt const& attempt, std::function<void()> done) {
    if (attempt->stop.stop_requested()) {  // called off, or lost, before it was begun
        return parts_.store.write(
            engine_access(), [this, attempt](Transaction& tx, TransactionState&) { return give_back(tx, *attempt); },
            [done = std::move(done)](Result<void> const&) { done(); });  // or it is found again when the lease is over
    }
    if (auto read = read_input(*attempt); !read) return fail(attempt, read.error(), std::move(done));
    if (attempt->kind.begin) return begin(attempt, std::move(done));
    conclude(attempt, call_handler(*attempt), std::move(done));
}

/// A handler that goes on without this thread. Should it throw, it must not have kept what it is to answer with.
void Engine::begin(Attempt const& attempt, std::function<void()> done) {
    auto const begun = store::guarded("exception", [&]() -> Result<void> {
        attempt->kind.begin(attempt->run, attempt->input.get(),
                            [this, attempt, done](AnyReply reply) { conclude(attempt, std::move(reply), done); });
        return {};
    });
    if (!begun) fail(attempt, begun.error(), std::move(done));
}

void Engine::conclude(Attempt const& attempt, AnyReply reply, std::function<void()> done) {
    if (auto* closure = std::get_if<AnyWrite>(&reply)) return write(attempt, std::move(*closure), std::move(done));
    auto& result = std::get<Result<AnyOutput>>(reply);
    if (!result) return fail(attempt, result.error(), std::move(done));
    end(attempt, *result, std::move(done));
}

/// Of a job that writes nothing of its own.
void Engine::end(Attempt const& attempt, AnyOutput const& output, std::function<void()> done) {
    auto result = encode(attempt->kind, output);
    if (!result) return fail(attempt, result.error(), std::move(done));
    ends_.add({.attempt = attempt,
               .result = std::move(*result),
               .done = [this, attempt, done = std::move(done)](Result<void> const& ended) {
                   if (!ended) return fail(attempt, ended.error(), done);
                   count(*attempt, "succeeded");
                   done();
               }});
}

Result<void> Engine::read_input(JobRunState& attempt) const {
    auto const& kind = attempt.kind;
    attempt.input = kind.input->make();
    std::vector<Violation> violations;
    auto const payload = Json::parse(attempt.job.payload, kMaxNesting);
    if (payload) {
        describe::read_json(*kind.input, attempt.input.get(), *payload, describe::Source::store, violations);
    } else {
        violations = payload.error().violations;
    }
    if (!payload || !violations.empty()) {
        // Queued by a version whose input had another form.
        return Error{
            Errc::data_loss, "payload_invalid",
            "the input does not have the form that the handler takes: " +
                (violations.empty() ? std::string() : violations.front().field + " " + violations.front().message)};
    }
    return {};
}

AnyReply Engine::call_handler(JobRunState& attempt) const {
    AnyReply reply = Result<AnyOutput>(Error{});
    auto const called = store::guarded("exception", [&]() -> Result<void> {
        reply = attempt.kind.handler(attempt.run, attempt.input.get());
        return {};
    });
    if (!called) return Result<AnyOutput>(called.error());
    return reply;
}

void Engine::write(Attempt const& attempt, AnyWrite closure, std::function<void()> done) {
    struct Written {
        std::vector<std::function<void()>> after_commit;
        std::optional<Error> refusal;
    };
    auto written = std::make_shared<Written>();
    auto run = [this, attempt, written, closure = std::move(closure)](Transaction& tx, TransactionState& transaction) {
        auto result = store::guarded("exception", [&] { return write_once(*attempt, closure, tx, transaction); });
        written->after_commit = std::move(transaction.after_commit);
        written->refusal = transaction.refusal;
        return result;
    };
    auto committed = [this, attempt, written, done = std::move(done)](Result<void> result) {
        if (!result) return fail(attempt, result.error(), done);
        for (auto const& function : written->after_commit) {
            auto const ran = store::guarded("exception", [&]() -> Result<void> {
                function();
                return {};
            });
            if (!ran) parts_.log.error("a function for after the commit failed", {{"job", attempt->job.id}});
        }
        if (written->refusal) {
            report_failure(*attempt, *written->refusal);
        } else {
            count(*attempt, "succeeded");
        }
        done();
    };
    parts_.store.write({attempt->scope()}, std::move(run), std::move(committed));
}

/// Runs the closure and ends the attempt in the same transaction, if it is still ours.
Result<void> Engine::write_once(JobRunState& attempt, AnyWrite const& closure, Transaction& tx,
                                TransactionState& transaction) const {
    auto const now = parts_.clock->now();
    operation::WorkOrigin const origin{attempt.organization_id, now};
    operation::ClosureJobs jobs(parts_.queue, origin);
    transaction.jobs = &jobs;
    auto result = closure(tx);
    transaction.jobs = nullptr;
    if (result) transaction.refusal.reset();
    if (!result && transaction.refusal != result.error()) return std::move(result).error();

    auto const& kind = attempt.kind;
    auto published = operation::write_outbox_events(tx, transaction,
                                                    {.name = kind.kind.name,
                                                     .emits = kind.kind.emits,
                                                     .origin = origin,
                                                     .request_id = attempt.job.id,
                                                     .random = *parts_.random,
                                                     .jobs = parts_.queue,
                                                     .signals = parts_.store.signals()});
    if (!published) return published;
    store::ScopeChange const everything(tx, store::Scope::installation());
    if (!result) return record_failure(tx, attempt, result.error());
    auto const encoded = encode(kind, *result);
    if (!encoded) return encoded.error();
    return JobStore::succeed(tx, attempt.job, *encoded, now, now + kind.kind.keep);
}

void Engine::fail(Attempt const& attempt, Error const& error, std::function<void()> done) {
    if (is_lost(error)) {
        parts_.log.warning("a job was finished too late; another worker has it", {{"job", attempt->job.id}});
        count(*attempt, "lost");
        return done();
    }
    auto run = [this, attempt, error](Transaction& tx, TransactionState&) {
        return record_failure(tx, *attempt, error);
    };
    auto recorded = [this, attempt, error, done = std::move(done)](Result<void> const& result) {
        // What could not be recorded is found again when the lease is over.
        if (!result && !is_lost(result.error())) {
            parts_.log.error("the end of a job could not be recorded",
                             {{"job", attempt->job.id}, {"reason", result.error().reason}});
        }
        report_failure(*attempt, error);
        done();
    };
    parts_.store.write(engine_access(), std::move(run), std::move(recorded));
}

void Engine::report_failure(JobRunState const& attempt, Error const& error) const {
    parts_.log.warning("an attempt at a job failed",
                       {{"job", attempt.job.id}, {"kind", attempt.job.kind}, {"reason", cause_of(error).reason}});
    count(attempt, "failed");
}

Result<void> Engine::record_failure(Transaction const& tx, JobRunState const& attempt, Error const& error) const {
    auto const now = parts_.clock->now();
    auto const cancelled = JobStore::is_cancel_requested(tx, attempt.job);
    if (!cancelled) return cancelled.error();
    if (*cancelled) return JobStore::cancelled(tx, attempt.job, now, now + attempt.kind.kind.keep);
    bool const ended_by_us = attempt.stop.stop_requested() && parts_.clock->steady_now() < attempt.deadline;
    if (ended_by_us && error.code == Errc::cancelled) return JobStore::give_back(tx, attempt.job);
    return record_failure(tx, attempt.job, attempt.kind.kind, error, now);
}

Result<void> Engine::record_failure(Transaction const& tx, ClaimedJob const& job, JobKind const& kind,
                                    Error const& error, Timestamp now) const {
    auto const attempt = job.current_attempt();
    if (is_final(error.code) || attempt >= job.max_attempts) {
        return JobStore::give_up(tx, job, cause_of(error), now, now + kind.keep_dead);
    }
    return JobStore::try_again(tx, job, cause_of(error), now,
                               now + backoff(kind, attempt, error.retry_after, *parts_.random));
}

void Engine::renew(std::span<Attempt const> attempts) {
    std::vector<Attempt> current;
    for (auto const& attempt : attempts) {
        if (parts_.clock->steady_now() >= attempt->deadline) {
            attempt->stop.request_stop();
        } else {
            current.push_back(attempt);
        }
    }
    if (current.empty()) return;
    std::vector<Attempt> stopped;
    auto const until = parts_.clock->now() + parts_.lease;
    auto const renewed =
        parts_.store.write_and_wait(engine_access(), [&](Transaction& tx, TransactionState&) -> Result<void> {
            stopped.clear();
            for (auto const& attempt : current) {
                auto cancelled = JobStore::renew(tx, attempt->job, until);
                if (!cancelled && !is_lost(cancelled.error())) return std::move(cancelled).error();
                if (!cancelled || *cancelled) stopped.push_back(attempt);
            }
            return {};
        });
    if (!renewed) {
        parts_.log.error("the leases of running jobs were not renewed", {{"reason", renewed.error().reason}});
        return;
    }
    for (auto const& attempt : stopped) attempt->stop.request_stop();
}

void Engine::give_back(std::span<Attempt const> attempts) {
    if (attempts.empty()) return;
    auto const given =
        parts_.store.write_and_wait(engine_access(), [&](Transaction& tx, TransactionState&) -> Result<void> {
            for (auto const& attempt : attempts) {
                auto done = give_back(tx, *attempt);
                if (!done && !is_lost(done.error())) return done;
            }
            return {};
        });
    if (!given) parts_.log.warning("jobs that were not begun wait for the end of their lease", {});
}

Result<void> Engine::give_back(Transaction const& tx, JobRunState const& attempt) const {
    auto const cancelled = JobStore::is_cancel_requested(tx, attempt.job);
    if (!cancelled) return cancelled.error();
    if (!*cancelled) return JobStore::give_back(tx, attempt.job);
    auto const now = parts_.clock->now();
    return JobStore::cancelled(tx, attempt.job, now, now + attempt.kind.kind.keep);
}

void Engine::count(JobRunState const& attempt, char const* outcome) const {
    parts_.metrics
        .counter("nexpo_job_attempts_total", "Attempts at jobs by kind and outcome.",
                 {{"kind", attempt.job.kind}, {"outcome", outcome}})
        .add();
}

}  // namespace nexpo::work

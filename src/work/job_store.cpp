// SPDX-License-Identifier: Apache-2.0
#include "work/job_store.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "store/sql_session.hpp"
#include "work/job_rank.hpp"
#include "work/job_slots.hpp"

namespace nexpo::work {

namespace {

constexpr std::string_view kInsert =
    "INSERT INTO jobs (id, organization_id, kind, state, priority, rank, run_at, payload, idempotency_key, unique_key,"
    " concurrency_key, slot, slot_limit, ordered, holds_slot, fence, attempt, first_attempt, max_attempts, "
    "cancel_requested,"
    " progress, progress_note, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0, 0, $16, $17, 0, '', $18)"
    " ON CONFLICT DO NOTHING";

constexpr std::string_view kFindSame =
    "SELECT id FROM jobs WHERE coalesce(organization_id, '') = $1 AND kind = $2 AND idempotency_key = $3";

constexpr std::string_view kFindUnique =
    "SELECT id FROM jobs WHERE coalesce(organization_id, '') = $1 AND kind = $2 AND unique_key = $3"
    " AND finished_at IS NULL";

constexpr std::string_view kClaim =
    "UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1, lease_until = $1, started_at = $2, "
    "progress = 0,"
    // PostgreSQL would otherwise be free to look for the ids more than once, or to read the whole table for them.
    " progress_note = '' WHERE {{sqlite seq IN (SELECT seq}}{{postgresql id = ANY(ARRAY(SELECT id}} FROM jobs"
    " WHERE state = 'ready' AND kind {{in $3}} ORDER BY rank, seq LIMIT $4 {{skip_locked}}){{postgresql )}}"
    " RETURNING id, organization_id, kind, payload, fence, attempt, first_attempt, max_attempts, slot, ordered, rank,"
    " seq, scheduled_for";

constexpr std::string_view kLost =
    "SELECT id, organization_id, kind, payload, fence, attempt, first_attempt, max_attempts, slot, ordered, rank, seq,"
    " scheduled_for FROM jobs WHERE state = 'running' AND lease_until <= $1 ORDER BY lease_until LIMIT $2 "
    "{{skip_locked}}";

constexpr std::string_view kSucceed =
    "UPDATE jobs SET state = 'succeeded', result = $3, progress = 100, cause = NULL, cause_message = NULL,"
    " lease_until = NULL, holds_slot = $6, finished_at = $4, keep_until = $5"
    " WHERE id = $1 AND fence = $2 AND state = 'running'";

// The same by the table's own key, for SQLite, which gives the number of a row that is gone to another one.
constexpr std::string_view kSucceedBySeq =
    "UPDATE jobs SET state = 'succeeded', result = $3, progress = 100, cause = NULL, cause_message = NULL,"
    " lease_until = NULL, holds_slot = FALSE, finished_at = $4, keep_until = $5"
    " WHERE seq = $1 AND id = $6 AND fence = $2 AND state = 'running'";

// Ids, fences and results of several jobs, for PostgreSQL.
constexpr std::string_view kSucceedAll =
    "UPDATE jobs SET state = 'succeeded', result = CAST(ended.result AS jsonb), progress = 100, cause = NULL,"
    " cause_message = NULL, lease_until = NULL, holds_slot = FALSE, finished_at = $4, keep_until = $5"
    " FROM unnest($1, $2, $3) AS ended (id, fence, result)"
    " WHERE jobs.id = ended.id AND jobs.fence = CAST(ended.fence AS bigint) AND jobs.state = 'running'"
    " RETURNING jobs.id";

constexpr std::string_view kAgenda =
    "SELECT (SELECT id FROM jobs WHERE state = 'ready' ORDER BY rank, seq LIMIT 1) AS ready,"
    " (SELECT run_at FROM jobs WHERE state = 'scheduled' ORDER BY run_at, seq LIMIT 1) AS scheduled,"
    " (SELECT lease_until FROM jobs WHERE state = 'running' ORDER BY lease_until LIMIT 1) AS lease,"
    " (SELECT next_at FROM job_schedules WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) AS schedule";

/// What there is to do.
struct Looked {
    std::optional<std::string> ready{};
    std::optional<Timestamp> scheduled{};
    std::optional<Timestamp> lease{};
    std::optional<Timestamp> schedule{};
};

StructType describe(Type<Looked>) {
    return structure<Looked>("Looked", field("ready", &Looked::ready), field("scheduled", &Looked::scheduled),
                             field("lease", &Looked::lease), field("schedule", &Looked::schedule));
}

/// A scheduled job whose time has come.
struct DueJob {
    std::string id{};
    std::optional<std::string> slot{};
    std::int64_t slot_limit = 0;
    bool ordered = false;
    bool holds_slot = false;
    Timestamp run_at{};
    std::int64_t seq = 0;
};

StructType describe(Type<DueJob>) {
    return structure<DueJob>("DueJob", field("id", &DueJob::id), field("slot", &DueJob::slot),
                             field("slot_limit", &DueJob::slot_limit), field("ordered", &DueJob::ordered),
                             field("holds_slot", &DueJob::holds_slot), field("run_at", &DueJob::run_at),
                             field("seq", &DueJob::seq));
}

/// One that takes its turn among the due jobs with its concurrency key.
struct InTurn {
    std::string id{};
    std::string slot{};
};

StructType describe(Type<InTurn>) {
    return structure<InTurn>("InTurn", field("id", &InTurn::id), field("slot", &InTurn::slot));
}

/// Another node may be moving earlier jobs with the same ordered key at this moment: they were skipped because it has
/// locked them, and still seem to be scheduled. Then later ones, `due` and locked by us, wait for the next look.
Result<void> leave_out_overtaking(Read const& read, std::vector<DueJob>& due) {
    auto const in_order = [](DueJob const& job) { return job.slot && job.ordered && !job.holds_slot; };
    if (!read.session().is_remote() || std::ranges::none_of(due, in_order)) return {};
    auto const waiting = read.all<InTurn>(
        "SELECT id, slot FROM jobs WHERE state = 'scheduled' AND run_at <= $1 AND (run_at < $1 OR seq <= $2)"
        " AND ordered AND NOT holds_slot AND slot IS NOT NULL ORDER BY run_at, seq",
        {due.back().run_at, due.back().seq});
    if (!waiting) return waiting.error();
    std::set<std::string_view> ours;
    for (auto const& job : due) ours.insert(job.id);
    std::set<std::string_view> taken;
    std::set<std::string> behind;
    for (auto const& job : *waiting) {
        if (!ours.contains(job.id)) {
            taken.insert(job.slot);
        } else if (taken.contains(job.slot)) {
            behind.insert(job.id);
        }
    }
    std::erase_if(due, [&behind](DueJob const& job) { return behind.contains(job.id); });
    return {};
}

std::optional<std::string_view> null_if_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

Result<void> expect_held(Result<std::int64_t> changed) {
    if (!changed) return std::move(changed).error();
    if (*changed != 1) return lost_error();
    return {};
}

Result<std::optional<std::string>> find_same(Read const& read, NewJobRow const& job, JobOptions const& options) {
    if (!options.idempotency_key.empty()) {
        auto found = read.one<std::string>(kFindSame, {job.organization_id, job.kind, options.idempotency_key});
        if (!found || *found) return found;
    }
    if (options.unique_key.empty()) return std::optional<std::string>();
    return read.one<std::string>(kFindUnique, {job.organization_id, job.kind, options.unique_key});
}

Result<void> leave_slot(Transaction const& tx, ClaimedJob const& job, Timestamp now) {
    return job.slot ? JobSlots::leave(tx, *job.slot, now) : Result<void>();
}

/// The ids of those that were still ours.
Result<std::vector<std::string>> succeed_all(Transaction const& tx, std::span<EndedJob const> jobs, Timestamp now) {
    std::vector<std::string> held;
    if (!tx.session().is_remote()) {
        for (auto const& [job, result, keep_until] : jobs) {
            auto ended = tx.execute(kSucceedBySeq,
                                    {job->seq, job->fence, JsonText{std::string(result)}, now, keep_until, job->id});
            if (!ended) return std::move(ended).error();
            if (*ended == 1) held.push_back(job->id);
        }
        return held;
    }
    std::vector<std::string> ids;
    std::vector<std::string> fences;
    std::vector<std::string> results;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        ids.push_back(jobs[i].job->id);
        fences.push_back(std::to_string(jobs[i].job->fence));
        results.emplace_back(jobs[i].result);
        if (i + 1 < jobs.size() && jobs[i + 1].keep_until == jobs[i].keep_until) continue;
        auto ended = tx.all<std::string>(kSucceedAll, {ids, fences, results, now, jobs[i].keep_until});
        if (!ended) return ended;
        std::ranges::move(*ended, std::back_inserter(held));
        ids.clear();
        fences.clear();
        results.clear();
    }
    return held;
}

}  // namespace

Error lost_error() {
    return {Errc::aborted, "job_lost", "another worker has the job, or it is over"};
}

StructType describe(Type<ClaimedJob>) {
    return structure<ClaimedJob>(
        "ClaimedJob", field("id", &ClaimedJob::id), field("organization_id", &ClaimedJob::organization_id),
        field("kind", &ClaimedJob::kind), field("payload", &ClaimedJob::payload), field("fence", &ClaimedJob::fence),
        field("attempt", &ClaimedJob::attempt), field("first_attempt", &ClaimedJob::first_attempt),
        field("max_attempts", &ClaimedJob::max_attempts), field("slot", &ClaimedJob::slot),
        field("ordered", &ClaimedJob::ordered), field("rank", &ClaimedJob::rank), field("seq", &ClaimedJob::seq),
        field("scheduled_for", &ClaimedJob::scheduled_for));
}

Result<std::string> JobStore::add(Transaction const& tx, NewJobRow const& job, JobOptions const& options) {
    auto same = find_same(tx, job, options);
    if (!same) return std::move(same).error();
    if (*same) return std::move(**same);

    auto const run_at = options.run_at.value_or(job.now);
    auto const rank = rank_of(run_at, options.priority);
    std::optional<std::string> slot;
    if (!options.concurrency_key.empty()) slot = JobSlots::name(job.organization_id, options.concurrency_key);
    // Whoever names a time does not wait here for a place, which others may be taking or leaving: workers see to it.
    bool const later = run_at > job.now || (slot && options.run_at);
    auto state = later ? JobState::scheduled : JobState::ready;
    bool holds_slot = false;
    if (slot && state == JobState::ready) {
        auto entered = JobSlots::enter(tx, *slot, options.concurrency);
        if (!entered) return std::move(entered).error();
        holds_slot = *entered;
        if (!holds_slot) state = JobState::blocked;
    }
    auto inserted =
        tx.execute(kInsert, {job.id, null_if_empty(job.organization_id), job.kind, state, options.priority, rank,
                             run_at, JsonText{job.payload}, null_if_empty(options.idempotency_key),
                             null_if_empty(options.unique_key), null_if_empty(options.concurrency_key), slot,
                             options.concurrency, options.ordered, holds_slot, job.max_attempts, false, job.now});
    if (!inserted) return std::move(inserted).error();
    if (*inserted == 1) return job.id;
    // Somebody else has queued it since this transaction began.
    return Error{Errc::aborted, "conflict", "another transaction has just queued the same job"};
}

Result<Agenda> JobStore::agenda(Read const& read) {
    auto const found = read.one<Looked>(kAgenda, {});
    if (!found) return found.error();
    auto const& [ready, scheduled, lease, schedule] = **found;
    Agenda agenda{.ready = ready.has_value()};
    for (auto const& time : {scheduled, lease, schedule}) {
        if (time && (!agenda.next || *time < *agenda.next)) agenda.next = time;
    }
    return agenda;
}

Result<std::int64_t> JobStore::promote(Transaction const& tx, Timestamp now, std::int64_t most) {
    auto due = tx.all<DueJob>(
        "SELECT id, slot, slot_limit, ordered, holds_slot, run_at, seq FROM jobs WHERE state = 'scheduled'"
        " AND run_at <= $1 ORDER BY run_at, seq LIMIT $2 {{skip_locked}}",
        {now, most});
    if (!due) return std::move(due).error();
    if (auto left = leave_out_overtaking(tx, *due); !left) return std::move(left).error();
    std::vector<std::string> free;
    for (auto const& job : *due) {
        if (!job.slot || job.holds_slot) {
            free.push_back(job.id);
            continue;
        }
        auto entered = JobSlots::enter(tx, *job.slot, job.slot_limit);
        if (!entered) return std::move(entered).error();
        auto moved = tx.execute("UPDATE jobs SET state = $2, holds_slot = $3 WHERE id = $1",
                                {job.id, *entered ? JobState::ready : JobState::blocked, *entered});
        if (!moved) return std::move(moved).error();
    }
    if (!free.empty()) {
        auto moved = tx.execute("UPDATE jobs SET state = 'ready' WHERE id {{in $1}}", {free});
        if (!moved) return std::move(moved).error();
    }
    return static_cast<std::int64_t>(due->size());
}

Result<std::vector<ClaimedJob>> JobStore::claim(Transaction const& tx, std::vector<std::string> const& kinds,
                                                Timestamp now, Timestamp lease_until, std::int64_t most) {
    auto claimed = tx.all<ClaimedJob>(kClaim, {lease_until, now, kinds, most});
    if (claimed) {
        std::ranges::sort(*claimed, {}, [](ClaimedJob const& job) { return std::pair(job.rank, job.seq); });
    }
    return claimed;
}

Result<std::vector<ClaimedJob>> JobStore::lost(Read const& read, Timestamp now, std::int64_t most) {
    return read.all<ClaimedJob>(kLost, {now, most});
}

Result<bool> JobStore::renew(Transaction const& tx, ClaimedJob const& job, Timestamp lease_until) {
    auto cancelled = tx.one<bool>(
        "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running'"
        " RETURNING cancel_requested",
        {job.id, job.fence, lease_until});
    if (!cancelled) return std::move(cancelled).error();
    if (!*cancelled) return lost_error();
    return **cancelled;
}

Result<void> JobStore::note_progress(Transaction const& tx, ClaimedJob const& job, int percent, std::string_view note) {
    return expect_held(
        tx.execute("UPDATE jobs SET progress = $3, progress_note = $4"
                   " WHERE id = $1 AND fence = $2 AND state = 'running'",
                   {job.id, job.fence, percent, note}));
}

Result<void> JobStore::succeed(Transaction const& tx, ClaimedJob const& job, std::string const& result, Timestamp now,
                               Timestamp keep_until) {
    auto done = expect_held(tx.execute(kSucceed, {job.id, job.fence, JsonText{result}, now, keep_until, false}));
    return done ? leave_slot(tx, job, now) : done;
}

Result<std::vector<std::string>> JobStore::succeed(Transaction const& tx, std::span<EndedJob const> jobs,
                                                   Timestamp now) {
    auto held = succeed_all(tx, jobs, now);
    if (!held) return held;
    std::ranges::sort(*held);
    std::map<std::string_view, std::int64_t> places;  // in their order, so that no two transactions wait for each other
    for (auto const& ended : jobs) {
        if (ended.job->slot && std::ranges::binary_search(*held, ended.job->id)) ++places[*ended.job->slot];
    }
    for (auto const& [slot, count] : places) {
        if (auto left = JobSlots::leave(tx, slot, now, count); !left) return std::move(left).error();
    }
    return held;
}

Result<void> JobStore::try_again(Transaction const& tx, ClaimedJob const& job, Cause const& cause, Timestamp now,
                                 Timestamp run_at) {
    bool const keeps_slot = job.slot && job.ordered;
    auto done = expect_held(
        tx.execute("UPDATE jobs SET state = 'scheduled', run_at = $3, cause = $4, cause_message = $5,"
                   " lease_until = NULL, holds_slot = $6 WHERE id = $1 AND fence = $2 AND state = 'running'",
                   {job.id, job.fence, run_at, cause.reason, cause.message, keeps_slot}));
    return done && !keeps_slot ? leave_slot(tx, job, now) : done;
}

Result<void> JobStore::give_up(Transaction const& tx, ClaimedJob const& job, Cause const& cause, Timestamp now,
                               Timestamp keep_until) {
    auto done =
        expect_held(tx.execute("UPDATE jobs SET state = 'dead', cause = $3, cause_message = $4, lease_until = NULL,"
                               " holds_slot = $7, finished_at = $5, keep_until = $6"
                               " WHERE id = $1 AND fence = $2 AND state = 'running'",
                               {job.id, job.fence, cause.reason, cause.message, now, keep_until, false}));
    return done ? leave_slot(tx, job, now) : done;
}

Result<void> JobStore::give_back(Transaction const& tx, ClaimedJob const& job) {
    return expect_held(
        tx.execute("UPDATE jobs SET state = 'ready', attempt = attempt - 1, lease_until = NULL"
                   " WHERE id = $1 AND fence = $2 AND state = 'running'",
                   {job.id, job.fence}));
}

Result<void> JobStore::cancelled(Transaction const& tx, ClaimedJob const& job, Timestamp now, Timestamp keep_until) {
    auto done = expect_held(
        tx.execute("UPDATE jobs SET state = 'cancelled', lease_until = NULL, holds_slot = $5, finished_at = $3,"
                   " keep_until = $4 WHERE id = $1 AND fence = $2 AND state = 'running'",
                   {job.id, job.fence, now, keep_until, false}));
    return done ? leave_slot(tx, job, now) : done;
}

Result<bool> JobStore::is_cancel_requested(Transaction const& tx, ClaimedJob const& job) {
    auto asked = tx.one<bool>(
        "SELECT cancel_requested FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running' {{postgresql FOR "
        "UPDATE}}",
        {job.id, job.fence});
    if (!asked) return std::move(asked).error();
    return asked->value_or(false);
}

Result<std::int64_t> JobStore::prune(Transaction const& tx, Timestamp now, std::int64_t most) {
    return tx.execute(
        // PostgreSQL would otherwise be free to go through all that are to be forgotten for the sake of a few.
        "DELETE FROM jobs WHERE keep_until <= $1 AND {{sqlite id IN (SELECT id}}"
        "{{postgresql id = ANY(ARRAY(SELECT id}} FROM jobs WHERE keep_until IS NOT NULL AND keep_until <= $1"
        " ORDER BY keep_until LIMIT $2 {{skip_locked}}){{postgresql )}}",
        {now, most});
}

}  // namespace nexpo::work

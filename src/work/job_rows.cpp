// SPDX-License-Identifier: Apache-2.0
#include "work/job_rows.hpp"

#include "work/job_rank.hpp"
#include "work/job_slots.hpp"

namespace nexpo::work {

namespace {

// Each ends where its conditions begin.
#define NEXPO_JOB_COLUMNS                                                                                           \
    "SELECT id, organization_id, kind, state, priority, run_at, attempt - first_attempt AS attempt, max_attempts, " \
    "progress, progress_note, cancel_requested, cause, cause_message, idempotency_key, unique_key, "                \
    "concurrency_key, payload, result, schedule_id, scheduled_for, created_at, started_at, finished_at FROM jobs "

constexpr std::string_view kFind = NEXPO_JOB_COLUMNS "WHERE id = $1 AND coalesce(organization_id, '') = $2";

constexpr std::string_view kList = NEXPO_JOB_COLUMNS
    "WHERE coalesce(organization_id, '') = $1 AND id > $2 AND ($4 = '' OR state = $4) AND ($5 = '' OR kind = $5)"
    " ORDER BY id LIMIT $3";

constexpr std::string_view kDead = NEXPO_JOB_COLUMNS
    "WHERE state = 'dead' AND coalesce(organization_id, '') = $1 AND finished_at >= $2 AND ($3 = '' OR kind = $3)"
    " ORDER BY finished_at, id LIMIT $4";

constexpr std::string_view kDeadById = NEXPO_JOB_COLUMNS
    "WHERE state = 'dead' AND coalesce(organization_id, '') = $1 AND finished_at >= $2 AND ($3 = '' OR kind = $3)"
    " AND id {{in $5}} ORDER BY finished_at, id LIMIT $4";

constexpr std::string_view kListWithKey =
    NEXPO_JOB_COLUMNS "WHERE slot = $1 AND ($2 = '' OR id < $2) AND ($4 = '' OR state = $4) ORDER BY id DESC LIMIT $3";

constexpr std::string_view kDeadWithKey =
    NEXPO_JOB_COLUMNS "WHERE slot = $1 AND state = 'dead' AND finished_at >= $2 ORDER BY finished_at, id LIMIT $3";

#undef NEXPO_JOB_COLUMNS

struct Slot {
    std::optional<std::string> slot{};
    std::int64_t slot_limit = 1;
    bool holds_slot = false;
};

StructType describe(Type<Slot>) {
    return structure<Slot>("Slot", field("slot", &Slot::slot), field("slot_limit", &Slot::slot_limit),
                           field("holds_slot", &Slot::holds_slot));
}

Result<Slot> slot_of(Read const& read, Job const& job) {
    auto slot = read.one<Slot>("SELECT slot, slot_limit, holds_slot FROM jobs WHERE id = $1", {job.id});
    if (!slot) return std::move(slot).error();
    if (!*slot) return Error{Errc::internal, "row_missing", "a job's row is missing"};
    return std::move(**slot);
}

Result<void> expect_one_row(Result<std::int64_t> changed) {
    if (!changed) return std::move(changed).error();
    if (*changed != 1) return Error{Errc::internal, "row_missing", "a job's row is missing"};
    return {};
}

/// Whether one that is to be ready may be, by its concurrency key.
Result<JobState> enter(Transaction const& tx, Slot& slot) {
    if (!slot.slot || slot.holds_slot) return JobState::ready;
    auto entered = JobSlots::enter(tx, *slot.slot, slot.slot_limit);
    if (!entered) return std::move(entered).error();
    slot.holds_slot = *entered;
    return *entered ? JobState::ready : JobState::blocked;
}

}  // namespace

Result<std::optional<Job>> JobRows::find(Read const& read, std::string_view id) const {
    return read.one<Job>(kFind, {id, organization_id_});
}

Result<std::vector<Job>> JobRows::list(Read const& read, std::string_view after, ListJobs const& filter,
                                       std::int64_t limit) const {
    return read.all<Job>(
        kList, {organization_id_, after, limit, filter.state ? to_word(*filter.state) : "", filter.kind.value_or("")});
}

std::string JobRows::slot(std::string_view concurrency_key) const {
    return JobSlots::name(organization_id_, concurrency_key);
}

Result<std::vector<Job>> JobRows::list_with_key(Read const& read, std::string_view concurrency_key,
                                                std::string_view before, std::optional<JobState> state,
                                                std::int64_t limit) const {
    return read.all<Job>(kListWithKey, {slot(concurrency_key), before, limit, state ? to_word(*state) : ""});
}

Result<std::vector<Job>> JobRows::dead_with_key(Read const& read, std::string_view concurrency_key, Timestamp since,
                                                std::int64_t limit) const {
    return read.all<Job>(kDeadWithKey, {slot(concurrency_key), since, limit});
}

Result<void> JobRows::cancel(Transaction const& tx, Job const& job, Timestamp now, Timestamp keep_until) const {
    auto const slot = slot_of(tx, job);
    if (!slot) return slot.error();
    auto cancelled =
        expect_one_row(tx.execute("UPDATE jobs SET state = 'cancelled', cancel_requested = $4, holds_slot = $5,"
                                  " finished_at = $2, keep_until = $3 WHERE id = $1",
                                  {job.id, now, keep_until, true, false}));
    if (!cancelled || !slot->holds_slot) return cancelled;
    return JobSlots::leave(tx, *slot->slot, now);
}

Result<void> JobRows::ask_to_stop(Transaction const& tx, Job const& job) const {
    return expect_one_row(tx.execute("UPDATE jobs SET cancel_requested = $2 WHERE id = $1", {job.id, true}));
}

Result<bool> JobRows::start_anew(Transaction const& tx, Job const& job, Timestamp now) const {
    if (job.unique_key) {
        auto const other = tx.one<std::string>(
            "SELECT id FROM jobs WHERE coalesce(organization_id, '') = $1 AND kind = $2 AND unique_key = $3"
            " AND finished_at IS NULL",
            {organization_id_, job.kind, *job.unique_key});
        if (!other) return other.error();
        if (*other) return false;
    }
    auto slot = slot_of(tx, job);
    if (!slot) return std::move(slot).error();
    auto const state = enter(tx, *slot);
    if (!state) return state.error();
    auto started = expect_one_row(
        tx.execute("UPDATE jobs SET state = $2, holds_slot = $3, cancel_requested = $4, first_attempt = attempt,"
                   " run_at = $5, rank = $6, finished_at = NULL, keep_until = NULL, progress = 0, progress_note = ''"
                   " WHERE id = $1",
                   {job.id, *state, slot->holds_slot, false, now, rank_of(now, job.priority)}));
    if (!started) return std::move(started).error();
    return true;
}

Result<void> JobRows::run_now(Transaction const& tx, Job const& job, Timestamp now) const {
    auto slot = slot_of(tx, job);
    if (!slot) return std::move(slot).error();
    auto const state = enter(tx, *slot);
    if (!state) return state.error();
    return expect_one_row(tx.execute("UPDATE jobs SET state = $2, holds_slot = $3, run_at = $4 WHERE id = $1",
                                     {job.id, *state, slot->holds_slot, now}));
}

Result<std::vector<Job>> JobRows::dead(Read const& read, ReplayJobs const& filter) const {
    auto const since = filter.since.value_or(min_timestamp());
    auto const kind = filter.kind.value_or("");
    if (filter.ids.empty()) return read.all<Job>(kDead, {organization_id_, since, kind, filter.limit});
    return read.all<Job>(kDeadById, {organization_id_, since, kind, filter.limit, filter.ids});
}

}  // namespace nexpo::work

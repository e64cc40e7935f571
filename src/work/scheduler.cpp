// SPDX-License-Identifier: Apache-2.0
#include "work/scheduler.hpp"

#include <optional>
#include <string>
#include <vector>

#include "nexpo/id.hpp"
#include "work/due_times.hpp"
#include "work/job_store.hpp"

namespace nexpo::work {

namespace {

constexpr std::string_view kDue =
    "SELECT id, organization_id, kind, payload, max_attempts, rule, time_zone, start_at, missed, overlap, next_at"
    " FROM job_schedules WHERE next_at <= $1 ORDER BY next_at LIMIT $2 {{skip_locked}}";

}  // namespace

struct DueSchedule {
    std::string id{};
    std::optional<std::string> organization_id{};
    std::string kind{};
    std::string payload{};
    std::int64_t max_attempts = 1;
    std::string rule{};
    std::string time_zone{};
    Timestamp start_at{};
    MissedRuns missed = MissedRuns::once;
    bool overlap = true;
    Timestamp next_at{};
};

StructType describe(Type<DueSchedule>) {
    using Due = DueSchedule;
    return structure<Due>(
        "DueSchedule", field("id", &Due::id), field("organization_id", &Due::organization_id),
        field("kind", &Due::kind), field("payload", &Due::payload), field("max_attempts", &Due::max_attempts),
        field("rule", &Due::rule), field("time_zone", &Due::time_zone), field("start_at", &Due::start_at),
        field("missed", &Due::missed), field("overlap", &Due::overlap), field("next_at", &Due::next_at));
}

Result<void> Scheduler::fire(Transaction const& tx, Timestamp now, std::int64_t most) const {
    auto const all = tx.all<DueSchedule>(kDue, {now, most});
    if (!all) return all.error();
    for (auto const& due : *all) {
        if (most <= 0) break;
        auto queued = fire_one(tx, due, now, most);
        if (!queued) return std::move(queued).error();
        most -= *queued;
    }
    return {};
}

Result<std::int64_t> Scheduler::fire_one(Transaction const& tx, DueSchedule const& due, Timestamp now,
                                         std::int64_t most) const {
    auto const rule = ScheduleRule::parse(due.rule, due.time_zone, due.start_at);
    if (!rule) {
        auto stopped = stop(tx, due, rule.error());
        if (!stopped) return std::move(stopped).error();
        return 0;
    }
    auto const found = due_times(*rule, due.next_at, now, due.missed, static_cast<std::size_t>(most));
    for (auto const time : found.times) {
        if (auto queued = queue(tx, due, time, now); !queued) return std::move(queued).error();
    }
    auto const last = found.times.empty() ? std::nullopt : std::optional(found.times.back());
    auto moved = tx.execute("UPDATE job_schedules SET next_at = $2, last_at = coalesce($3, last_at) WHERE id = $1",
                            {due.id, found.next, last});
    if (!moved) return std::move(moved).error();
    return static_cast<std::int64_t>(found.times.size());
}

Result<void> Scheduler::queue(Transaction const& tx, DueSchedule const& due, Timestamp time, Timestamp now) const {
    JobOptions options{.idempotency_key = due.id + "@" + to_string(time)};
    if (!due.overlap && due.missed == MissedRuns::all) {
        options.concurrency_key = due.id;
        options.ordered = true;
    } else if (!due.overlap) {
        options.unique_key = due.id;
    }
    auto const id = make_id("job", now, random_);
    auto const added = JobStore::add(tx,
                                     {.id = id,
                                      .organization_id = due.organization_id.value_or(""),
                                      .kind = due.kind,
                                      .payload = due.payload,
                                      .now = now,
                                      .max_attempts = due.max_attempts},
                                     options);
    if (!added) return added.error();
    if (*added != id) return {};  // one of an earlier time is not finished, or this one was queued before
    auto noted = tx.execute("UPDATE jobs SET schedule_id = $2, scheduled_for = $3 WHERE id = $1", {id, due.id, time});
    if (!noted) return std::move(noted).error();
    return {};
}

/// Its time zone is gone, or a newer version wrote a rule that this one does not know.
Result<void> Scheduler::stop(Transaction const& tx, DueSchedule const& due, Error const& error) const {
    log_.error("a schedule has stopped", {{"schedule", due.id}, {"reason", error.reason}});
    auto stopped =
        tx.execute("UPDATE job_schedules SET next_at = NULL, cause = $2 WHERE id = $1", {due.id, error.reason});
    if (!stopped) return std::move(stopped).error();
    return {};
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#include "work/schedule_rows.hpp"

namespace nexpo::work {

namespace {

// Each ends where its conditions begin.
#define NEXPO_SCHEDULE_COLUMNS                                                                                      \
    "SELECT id, name, kind, payload, rule, time_zone, start_at, missed, overlap, paused, next_at, last_at, cause, " \
    "created_at, updated_at FROM job_schedules WHERE coalesce(organization_id, '') = $1 "

constexpr std::string_view kFind = NEXPO_SCHEDULE_COLUMNS "AND id = $2";
constexpr std::string_view kFindByName = NEXPO_SCHEDULE_COLUMNS "AND name = $2";
constexpr std::string_view kList = NEXPO_SCHEDULE_COLUMNS "AND id > $2 ORDER BY id LIMIT $3";
constexpr std::string_view kDeclared = NEXPO_SCHEDULE_COLUMNS "AND declared = $2 ORDER BY id";

#undef NEXPO_SCHEDULE_COLUMNS

constexpr std::string_view kInsert =
    "INSERT INTO job_schedules (id, organization_id, name, kind, payload, max_attempts, rule, time_zone, start_at, "
    "missed, overlap, paused, declared, next_at, created_at, updated_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING";

constexpr std::string_view kUpdate =
    "UPDATE job_schedules SET name = $3, kind = $4, payload = $5, max_attempts = $6, rule = $7, time_zone = $8,"
    " start_at = $9, missed = $10, overlap = $11, paused = $12, next_at = $13, cause = NULL, updated_at = $14"
    " WHERE coalesce(organization_id, '') = $1 AND id = $2";

std::optional<std::string_view> null_if_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

Result<std::optional<Schedule>> ScheduleRows::find(Read const& read, std::string_view id) const {
    return read.one<Schedule>(kFind, {organization_id_, id});
}

Result<std::optional<Schedule>> ScheduleRows::find_by_name(Read const& read, std::string_view name) const {
    return read.one<Schedule>(kFindByName, {organization_id_, name});
}

Result<std::vector<Schedule>> ScheduleRows::list(Read const& read, std::string_view after, std::int64_t limit) const {
    return read.all<Schedule>(kList, {organization_id_, after, limit});
}

Result<std::int64_t> ScheduleRows::count(Read const& read) const {
    auto count = read.one<std::int64_t>("SELECT count(*) FROM job_schedules WHERE coalesce(organization_id, '') = $1",
                                        {organization_id_});
    if (!count) return std::move(count).error();
    return count->value_or(0);
}

Result<bool> ScheduleRows::insert(Transaction const& tx, ScheduleRow const& row) const {
    auto const& schedule = row.schedule;
    auto inserted = tx.execute(kInsert, {schedule.id, null_if_empty(organization_id_), schedule.name, schedule.kind,
                                         schedule.payload, row.max_attempts, schedule.rule, schedule.time_zone,
                                         schedule.start_at, schedule.missed, schedule.overlap, schedule.paused,
                                         row.declared, schedule.next_at, schedule.created_at, schedule.updated_at});
    if (!inserted) return std::move(inserted).error();
    return *inserted == 1;
}

Result<void> ScheduleRows::update(Transaction const& tx, Schedule const& schedule, std::int64_t max_attempts) const {
    auto updated =
        tx.execute(kUpdate, {organization_id_, schedule.id, schedule.name, schedule.kind, schedule.payload,
                             max_attempts, schedule.rule, schedule.time_zone, schedule.start_at, schedule.missed,
                             schedule.overlap, schedule.paused, schedule.next_at, schedule.updated_at});
    if (!updated) return std::move(updated).error();
    return {};
}

Result<void> ScheduleRows::allow_attempts(Transaction const& tx, std::string_view id, std::int64_t max_attempts) const {
    auto allowed = tx.execute(
        "UPDATE job_schedules SET max_attempts = $3"
        " WHERE coalesce(organization_id, '') = $1 AND id = $2 AND max_attempts <> $3",
        {organization_id_, id, max_attempts});
    if (!allowed) return std::move(allowed).error();
    return {};
}

Result<void> ScheduleRows::remove(Transaction const& tx, std::string_view id) const {
    auto removed = tx.execute("DELETE FROM job_schedules WHERE coalesce(organization_id, '') = $1 AND id = $2",
                              {organization_id_, id});
    if (!removed) return std::move(removed).error();
    return {};
}

Result<std::vector<Schedule>> ScheduleRows::declared(Read const& read) const {
    return read.all<Schedule>(kDeclared, {organization_id_, true});
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#include "work/schedule_service.hpp"

#include <memory>
#include <utility>

#include "work/schedule_payload.hpp"
#include "work/schedule_rows.hpp"
#include "work/schedule_rule.hpp"

namespace nexpo::work {

namespace {

constexpr std::int64_t kMostSchedules = 1'000;

ScheduleRows schedules_of(Call const& call) {
    return ScheduleRows(call.organization_id());
}

Error name_taken() {
    return {Errc::already_exists,
            "schedule_name_taken",
            "another schedule has this name",
            {{"/name", "unique", "must not be the name of another schedule"}}};
}

Result<Schedule> require_schedule(Read const& read, ScheduleRows const& rows, std::string_view id) {
    auto found = rows.find(read, id);
    if (!found) return std::move(found).error();
    if (!*found) return Error{Errc::not_found, "schedule_not_found", "there is no such schedule"};
    return std::move(**found);
}

Timestamp whole_second(Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time);
}

/// When it is due next; checks the rule as well.
Result<std::optional<Timestamp>> next_time(Schedule const& schedule, Timestamp now) {
    auto const rule = ScheduleRule::parse(schedule.rule, schedule.time_zone, schedule.start_at);
    if (!rule) return rule.error();
    return schedule.paused ? std::nullopt : rule->next(now);
}

template <class T>
void replace(T& value, Patch<T> const& patch) {
    if (patch.has_value()) value = *patch;
}

}  // namespace

Reply<Schedule> ScheduleService::get(Call& call, GetSchedule const& input) {
    return call.read([&](Read& read) { return require_schedule(read, schedules_of(call), input.id); });
}

Reply<Page<Schedule>> ScheduleService::list(Call& call, ListSchedules const& input) {
    std::string after;
    if (input.cursor) {
        auto opened = call.open_cursor(*input.cursor, {});
        if (!opened) return std::move(opened).error();
        after = std::move(*opened);
    }
    auto schedules = call.read([&](Read& read) { return schedules_of(call).list(read, after, input.limit + 1); });
    if (!schedules) return std::move(schedules).error();
    Page<Schedule> page{.items = std::move(*schedules)};
    if (static_cast<int>(page.items.size()) > input.limit) {
        page.items.pop_back();
        page.next = call.make_cursor(page.items.back().id, {});
    }
    return page;
}

Reply<SchedulePreview> ScheduleService::preview(Call& call, PreviewSchedule const& input) {
    auto const start = whole_second(input.start_at.value_or(call.now()));
    auto const rule = ScheduleRule::parse(input.rule, input.time_zone, start);
    if (!rule) return rule.error();
    auto const after = input.after.value_or(start - std::chrono::seconds(1));
    return SchedulePreview{rule->preview(after, static_cast<std::size_t>(input.count))};
}

Reply<Empty> ScheduleService::remove(Call& call, RemoveSchedule const& input) {
    return call.write([&call, &input](Transaction& tx) -> Result<Empty> {
        auto const rows = schedules_of(call);
        auto const schedule = require_schedule(tx, rows, input.id);
        if (!schedule) return schedule.error();
        if (auto removed = rows.remove(tx, schedule->id); !removed) return std::move(removed).error();
        tx.audit_target(schedule->id);
        return Empty{};
    });
}

Result<AnyJob const*> ScheduleService::check(Call const& call, Schedule const& schedule) const {
    auto const* kind = kinds_.find(schedule.kind);
    bool const may = kind != nullptr && (kind->kind.schedulable || call.caller().kind == CallerKind::system);
    if (!may) {
        return Error{Errc::invalid_argument,
                     "validation_failed",
                     "the input is not valid",
                     {{"/kind", "schedulable", "must be a kind of job that may be scheduled"}}};
    }
    if (auto read = read_payload(*kind, schedule.payload); !read) return std::move(read).error();
    return kind;
}

Reply<Schedule> ScheduleService::create(Call& call, CreateSchedule const& input) {
    Schedule schedule{.id = call.new_id("sch"),
                      .name = input.name,
                      .kind = input.kind,
                      .payload = input.payload.is_null() ? Json(Json::Object{}) : input.payload,
                      .rule = input.rule,
                      .time_zone = input.time_zone,
                      .start_at = whole_second(input.start_at.value_or(call.now())),
                      .missed = input.missed,
                      .overlap = input.overlap,
                      .paused = input.paused,
                      .created_at = call.now(),
                      .updated_at = call.now()};
    auto const kind = check(call, schedule);
    if (!kind) return kind.error();
    auto const next = next_time(schedule, call.now());
    if (!next) return next.error();
    schedule.next_at = *next;
    return call.write(
        [this, &call, schedule, attempts = (*kind)->kind.max_attempts](Transaction& tx) -> Result<Schedule> {
            auto const rows = schedules_of(call);
            auto const count = rows.count(tx);
            if (!count) return count.error();
            if (*count >= kMostSchedules) {
                return Error{Errc::failed_precondition, "too_many_schedules",
                             "an organization has at most 1,000 schedules"};
            }
            auto const inserted = rows.insert(tx, {.schedule = schedule, .max_attempts = attempts});
            if (!inserted) return inserted.error();
            if (!*inserted) return name_taken();
            tx.audit_target(schedule.id);
            tx.after_commit([this] { queue_.wake(); });
            return schedule;
        });
}

Reply<Schedule> ScheduleService::update(Call& call, UpdateSchedule const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<Schedule> {
        auto const rows = schedules_of(call);
        auto schedule = require_schedule(tx, rows, input.id);
        if (!schedule) return schedule;
        replace(schedule->name, input.name);
        replace(schedule->payload, input.payload);
        replace(schedule->rule, input.rule);
        replace(schedule->time_zone, input.time_zone);
        replace(schedule->start_at, input.start_at);
        replace(schedule->missed, input.missed);
        replace(schedule->overlap, input.overlap);
        replace(schedule->paused, input.paused);
        schedule->start_at = whole_second(schedule->start_at);
        schedule->updated_at = call.now();
        schedule->cause.reset();
        auto const kind = check(call, *schedule);
        if (!kind) return kind.error();
        auto const next = next_time(*schedule, call.now());
        if (!next) return next.error();
        schedule->next_at = *next;
        auto const same_name = rows.find_by_name(tx, schedule->name);
        if (!same_name) return same_name.error();
        if (*same_name && (*same_name)->id != schedule->id) return name_taken();
        auto updated = rows.update(tx, *schedule, (*kind)->kind.max_attempts);
        if (!updated) return std::move(updated).error();
        tx.audit_target(schedule->id);
        tx.after_commit([this] { queue_.wake(); });
        return schedule;
    });
}

Reply<RanSchedule> ScheduleService::run(Call& call, RunSchedule const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<RanSchedule> {
        auto const schedule = require_schedule(tx, schedules_of(call), input.id);
        if (!schedule) return schedule.error();
        auto const kind = check(call, *schedule);
        if (!kind) return kind.error();
        auto const payload = read_payload(**kind, schedule->payload);
        if (!payload) return payload.error();
        auto id = tx.enqueue_untyped(schedule->kind, *(*kind)->input, payload->get(), {});
        if (!id) return std::move(id).error();
        tx.audit_target(schedule->id);
        return RanSchedule{std::move(*id)};
    });
}

}  // namespace nexpo::work

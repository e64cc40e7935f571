// SPDX-License-Identifier: Apache-2.0
#include "work/declared_schedules.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "nexpo/id.hpp"
#include "work/schedule_rows.hpp"
#include "work/schedule_rule.hpp"

namespace nexpo::work {

namespace {

bool is_same_rule(Schedule const& kept, Schedule const& declared) {
    return kept.rule == declared.rule && kept.time_zone == declared.time_zone;
}

bool is_same(Schedule const& kept, Schedule const& declared) {
    return is_same_rule(kept, declared) && kept.kind == declared.kind && kept.payload == declared.payload &&
           kept.missed == declared.missed && kept.overlap == declared.overlap && !kept.cause;
}

Result<Schedule> make_schedule(AnySchedule const& declared, Timestamp now) {
    auto payload = Json::parse(declared.payload);
    if (!payload) return std::move(payload).error();
    return Schedule{.name = declared.name,
                    .kind = declared.kind,
                    .payload = std::move(*payload),
                    .rule = declared.options.rule,
                    .time_zone = declared.options.time_zone,
                    .start_at = std::chrono::floor<std::chrono::seconds>(now),
                    .missed = declared.options.missed,
                    .overlap = declared.options.overlap,
                    .created_at = now,
                    .updated_at = now};
}

Result<void> keep(Transaction const& tx, ScheduleRows const& rows, Schedule schedule, std::int64_t max_attempts,
                  Timestamp now, Random& random) {
    auto const found = rows.find_by_name(tx, schedule.name);
    if (!found) return found.error();
    auto const& kept = *found;
    if (kept && is_same(*kept, schedule)) return rows.allow_attempts(tx, kept->id, max_attempts);
    if (kept) {
        schedule.id = kept->id;
        schedule.start_at = kept->start_at;
    }
    auto const rule = ScheduleRule::parse(schedule.rule, schedule.time_zone, schedule.start_at);
    if (!rule) return rule.error();
    bool const goes_on = kept && is_same_rule(*kept, schedule) && !kept->cause;
    schedule.next_at = goes_on ? kept->next_at : rule->next(now);
    if (kept) return rows.update(tx, schedule, max_attempts);
    schedule.id = make_id("sch", now, random);
    auto const inserted =
        rows.insert(tx, {.schedule = std::move(schedule), .max_attempts = max_attempts, .declared = true});
    if (!inserted) return inserted.error();
    return {};
}

}  // namespace

Result<void> declare_schedules(Transaction const& tx, Kinds const& kinds, Timestamp now, Random& random) {
    ScheduleRows const rows("");
    for (auto const& declared : kinds.schedules()) {
        auto schedule = make_schedule(declared, now);
        if (!schedule) return std::move(schedule).error();
        auto const max_attempts = kinds.find(declared.kind)->kind.max_attempts;
        if (auto kept = keep(tx, rows, std::move(*schedule), max_attempts, now, random); !kept) return kept;
    }
    auto const all = rows.declared(tx);
    if (!all) return all.error();
    for (auto const& schedule : *all) {
        bool const declared =
            std::ranges::find(kinds.schedules(), schedule.name, &AnySchedule::name) != kinds.schedules().end();
        // Those of kinds that are not known here belong to another program on the same database.
        if (declared || kinds.find(schedule.kind) == nullptr) continue;
        if (auto removed = rows.remove(tx, schedule.id); !removed) return removed;
    }
    return {};
}

}  // namespace nexpo::work

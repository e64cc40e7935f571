// SPDX-License-Identifier: Apache-2.0
// Rules of schedules, which users write: a zone in the first line, then a cron rule or an RRULE.
#include "work/schedule_rule.hpp"

#include "fuzz/fuzz.hpp"

NEXPO_FUZZ_TARGET(schedule) {
    using namespace nexpo;
    using fuzz::require;
    auto const zone = fuzz::take_until(input, "\n");
    auto const start = parse_timestamp("2026-03-01T09:00:00Z").value();
    auto const schedule = work::ScheduleRule::parse(input, zone, start);
    if (!schedule) {
        require(schedule.error().code == Errc::invalid_argument, "refusals are of one kind", schedule.error().message);
        require(schedule.error().violations.size() == 1, "one field is named", schedule.error().message);
        return;
    }
    auto const times = schedule->preview(start - std::chrono::seconds(1), 20);
    for (std::size_t i = 0; i < times.size(); ++i) {
        require(times[i] >= start && times[i] <= max_timestamp(), "nothing is due outside of the schedule's time");
        require(i == 0 || times[i] > times[i - 1], "times go forward");
        require(schedule->next(times[i] - std::chrono::microseconds(1)) == times[i],
                "a time is due from wherever one asks");
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "work/due_times.hpp"

namespace nexpo::work {

namespace {

/// The last time up to `now`; `first` is one.
Timestamp latest_time(ScheduleRule const& rule, Timestamp first, Timestamp now) {
    auto end = now;  // between it and now there is none
    while (true) {
        auto const next = rule.next(first);
        if (!next || *next > now) return first;
        auto const middle = first + (end - first) / 2;
        auto const later = rule.next(middle);
        if (later && *later <= now) {
            first = *later;
        } else {
            end = middle;
        }
    }
}

}  // namespace

DueTimes due_times(ScheduleRule const& rule, Timestamp first, Timestamp now, MissedRuns missed, std::size_t most) {
    auto const in_time = now - kMissedAfter;
    std::optional<Timestamp> time = first;
    if (first < in_time && missed == MissedRuns::once) time = latest_time(rule, first, now);
    if (first < in_time && missed == MissedRuns::skip) time = rule.next(in_time - Timestamp::duration(1));
    DueTimes due;
    while (time && *time <= now && due.times.size() < most) {
        due.times.push_back(*time);
        time = rule.next(*time);
    }
    due.next = time;
    return due;
}

}  // namespace nexpo::work

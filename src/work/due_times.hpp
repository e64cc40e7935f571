// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "nexpo/schedule.hpp"
#include "work/schedule_rule.hpp"

namespace nexpo::work {

/// A time that is found more than so much late is missed.
inline constexpr std::chrono::seconds kMissedAfter{60};

struct DueTimes {
    std::vector<Timestamp> times{};   ///< For which a job is queued.
    std::optional<Timestamp> next{};  ///< The first time that was not looked at; nothing: there is none.
};

/// What is due by `now`, from `first` on, which is a time of the rule; at most `most` times.
DueTimes due_times(ScheduleRule const& rule, Timestamp first, Timestamp now, MissedRuns missed, std::size_t most);

}  // namespace nexpo::work

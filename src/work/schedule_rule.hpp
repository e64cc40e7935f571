// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "nexpo/result.hpp"
#include "nexpo/time.hpp"
#include "work/cron.hpp"
#include "work/recurrence.hpp"
#include "work/time_zone.hpp"

namespace nexpo::work {

/// When a schedule is due: a cron rule or an RRULE on the clocks of an IANA time zone, from a start on.
///
/// Where clocks change (docs/decisions/0019-clock-changes.md):
/// * A rule that names hours (cron whose hour field leaves any hour out; FREQ=DAILY and longer) is due once for each
/// local
///   time it names. A local time that is skipped is read with the offset from before the change (RFC 5545
///   section 3.3.5): where clocks go from 2:00 to 3:00, 2:30 is due at 3:30. One that is repeated is due the first
///   time.
/// * A rule that counts time (cron whose hour field takes every hour; FREQ=HOURLY, MINUTELY, SECONDLY) runs through
/// both:
///   it takes every instant at which clocks show a time of the rule, and INTERVAL counts elapsed time.
///
/// Immutable, so safe to share between threads.
class ScheduleRule {
 public:
    static constexpr std::size_t kMaxPreview = 1000;

    /// `rule` is a cron rule (`CronRule`) or an RRULE (`Recurrence`), whose DTSTART is `start`, to the whole second.
    /// Nothing is due before `start`.
    /// Errors: invalid_argument (schedule_rule_invalid, schedule_never_due at /rule; time_zone_unknown at /time_zone;
    /// schedule_start_invalid at /start_at).
    static Result<ScheduleRule> parse(std::string_view rule, std::string_view zone, Timestamp start);

    /// The first time after `after`; nothing after the last one, or after the year 9999.
    std::optional<Timestamp> next(Timestamp after) const;

    /// The next times, at most `count` and kMaxPreview.
    std::vector<Timestamp> preview(Timestamp after, std::size_t count) const;

 private:
    using Found = std::optional<std::chrono::sys_seconds>;

    ScheduleRule(std::variant<CronRule, Recurrence> rule, std::shared_ptr<TimeZone const> zone,
                 std::chrono::sys_seconds start);

    /// The rule on clocks that are `offset` ahead of UTC.
    std::optional<std::chrono::local_seconds> next_local(std::chrono::seconds offset, std::chrono::local_seconds after,
                                                         std::chrono::local_seconds last) const;
    Found next_within(TimeZone::Stretch const& stretch, std::chrono::sys_seconds after) const;
    Found search(std::chrono::sys_seconds after) const;
    void find_end();

    std::variant<CronRule, Recurrence> rule_;
    std::shared_ptr<TimeZone const> zone_;
    std::chrono::sys_seconds start_{};
    std::chrono::sys_seconds end_{};  ///< Nothing is due later.
    bool counts_time_ = false;
    bool counting_ = false;  ///< While `find_end` counts what COUNT does.
};

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "nexpo/result.hpp"
#include "work/schedule_error.hpp"
#include "work/time_of_day.hpp"

namespace nexpo::work {

/// The days of a cron rule. Bit n of a set stands for the value n.
struct CronDays {
    std::uint64_t months = 0;                        ///< 1 to 12.
    bool any_day_of_month = false;                   ///< The field is `*` or `?`.
    std::uint64_t days = 0;                          ///< 1 to 31.
    std::uint64_t before_last = 0;                   ///< 0 for `L`, n for `L-n`.
    std::uint64_t nearest_weekday = 0;               ///< n for `nW`.
    bool last_weekday = false;                       ///< `LW`.
    bool any_day_of_week = false;                    ///< The field is `*` or `?`.
    std::uint64_t weekdays = 0;                      ///< 0 (Sunday) to 6.
    std::uint64_t last_of_weekdays = 0;              ///< `nL`.
    std::array<std::uint64_t, 5> nth_of_weekdays{};  ///< `n#k` at k - 1.

    bool contain(std::chrono::year_month_day date) const;
};

/// A cron rule: five fields (minute, hour, day of month, month, day of week), or six with seconds before them.
///
/// * Every field takes `*`, values, ranges `a-b`, steps `*` `/n`, `a-b/n`, `a/n` (from a to the end), and lists of
/// them.
///   Months and days of the week have English names of three letters; 0 and 7 are Sunday. Case does not matter.
/// * Day of month also takes `?` (as `*`), `L` (the last), `L-n` (n days before it), `nW` (the weekday, Monday to
///   Friday, that is nearest to day n and in the same month) and `LW` (the last weekday).
/// * Day of week also takes `?`, `nL` (the last of the month) and `n#k` (the k-th of the month, 1 to 5).
/// * When both day fields are restricted, a day that either takes is taken (POSIX crontab). A field is unrestricted
/// when
///   it is exactly `*` or `?`; a step restricts it, so `*` `/2` beside `MON` means every other day and Mondays.
///   (vixie-cron takes a leading `*` for unrestricted and wants both.)
/// * `@hourly @daily @midnight @weekly @monthly @yearly @annually` stand for the rules they stand for everywhere.
/// * A rule that no date ever matches, such as the 30th of February, is refused.
///
/// It knows local times only. Immutable, so safe to share.
class CronRule {
 public:
    /// Longer texts are refused.
    static constexpr std::size_t kMaxText = 1024;

    /// Errors: invalid_argument (schedule_rule_invalid, schedule_never_due); the violation's rule begins with the
    /// field.
    static Result<CronRule> parse(std::string_view text);

    /// The first time of the rule after `after` and not after `last`.
    std::optional<std::chrono::local_seconds> next(std::chrono::local_seconds after,
                                                   std::chrono::local_seconds last = kLastLocalSecond) const;

    /// Whether it takes every hour of the day, so that it counts hours rather than naming one.
    bool every_hour() const { return times_.hours == TimesOfDay::kAllHours; }

 private:
    TimesOfDay times_{};
    CronDays days_{};
};

}  // namespace nexpo::work

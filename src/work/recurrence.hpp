// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "nexpo/result.hpp"
#include "work/recurrence_pattern.hpp"

namespace nexpo::work {

/// A recurrence rule of RFC 5545 section 3.3.10, on local times.
///
/// The text is an RRULE, with or without `RRULE:` before it, and perhaps lines `EXDATE:` with lists of local times
/// (20260301T090000). DTSTART is given apart. Rules that the RFC forbids are refused, and so are extensions (RSCALE).
///
/// Where the RFC leaves room:
/// * DTSTART is an occurrence only when the rule matches it.
/// * A part that limits or expands takes the days that pass it; BYWEEKNO takes the days of the calendar year that lie
/// in
///   such a week, also when the week belongs to the year before or after.
/// * BYSETPOS picks from the whole period, DTSTART's too; what it picks before DTSTART is then dropped.
/// * UNTIL as a date ends with that day. Second 60 is second 59.
/// * COUNT counts before EXDATE takes away.
///
/// Immutable, so safe to share.
class Recurrence {
 public:
    static constexpr std::size_t kMaxText = 16'384;
    static constexpr int kMaxCount = 10'000;
    static constexpr int kMaxInterval = 999'999'999;

    /// Errors: invalid_argument (schedule_rule_invalid, schedule_never_due); the violation's rule begins with the part.
    static Result<Recurrence> parse(std::string_view text, std::chrono::local_seconds begin);

    /// Whether the text looks like one, rather than like a cron rule.
    static bool looks_like(std::string_view text);

    /// The first time of the rule after `after` and not after `last`. An UNTIL in UTC is left to the caller.
    std::optional<std::chrono::local_seconds> next(std::chrono::local_seconds after,
                                                   std::chrono::local_seconds last = kLastLocalSecond) const;

    /// As `next`, of the rule that begins at `anchor` instead, without the end that COUNT sets.
    std::optional<std::chrono::local_seconds> next_from(std::chrono::local_seconds anchor,
                                                        std::chrono::local_seconds after,
                                                        std::chrono::local_seconds last) const;
    /// As `next_from`, with what EXDATE takes away: what COUNT counts.
    std::optional<std::chrono::local_seconds> next_counted(std::chrono::local_seconds anchor,
                                                           std::chrono::local_seconds after,
                                                           std::chrono::local_seconds last) const;

    /// Whether its period is shorter than a day, so that it counts elapsed time rather than naming times of day.
    bool counts_time() const { return pattern_.frequency < Frequency::daily; }
    /// UNTIL, where it was given in UTC.
    std::optional<std::chrono::sys_seconds> until_utc() const { return until_utc_; }
    /// COUNT.
    std::optional<int> count() const { return count_; }

 private:
    friend class RecurrenceReader;

    RecurrencePattern pattern_{};
    std::chrono::local_seconds begin_{};
    std::optional<std::chrono::local_seconds> until_{};    ///< From UNTIL in local time.
    std::optional<std::chrono::local_seconds> counted_{};  ///< The last one of COUNT.
    std::optional<std::chrono::sys_seconds> until_utc_{};
    std::optional<int> count_{};
    std::vector<std::chrono::local_seconds> excluded_{};  ///< Sorted.
};

}  // namespace nexpo::work

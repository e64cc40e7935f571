// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "work/recurrence_pattern.hpp"

namespace nexpo::work {

/// Which days a pattern takes: those that pass all its parts, whatever the period, and what DTSTART stands in for.
class RecurrenceDays {
 public:
    RecurrenceDays(RecurrencePattern const& pattern, std::chrono::local_days anchor);

    bool contain(std::chrono::local_days day) const;
    /// Whether days of this month may be among them; quick.
    bool may_contain(std::chrono::month month) const { return months_ == 0 || (months_ >> unsigned{month} & 1) != 0; }

 private:
    bool contain_weekday(std::chrono::local_days day, std::chrono::year_month_day date) const;
    bool contain_week(std::chrono::local_days day) const;

    RecurrencePattern const& pattern_;
    std::uint64_t months_ = 0;
    unsigned month_day_ = 0;     ///< Of DTSTART, where the pattern names no day.
    unsigned weekdays_ = 0;      ///< Those without a number.
    bool numbered_ = false;      ///< Whether others have one,
    bool within_month_ = false;  ///< which counts within the month rather than the year.
};

}  // namespace nexpo::work

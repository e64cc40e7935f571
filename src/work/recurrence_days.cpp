// SPDX-License-Identifier: Apache-2.0
#include "work/recurrence_days.hpp"

#include <algorithm>

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

/// The first day of week 1: the week that has at least four days in the year (RFC 5545, BYWEEKNO).
chrono::local_days first_week(chrono::year year, chrono::weekday week_start) {
    chrono::local_days const fourth(year / 1 / 4);
    return fourth - (chrono::weekday(fourth) - week_start);
}

}  // namespace

RecurrenceDays::RecurrenceDays(RecurrencePattern const& pattern, chrono::local_days anchor)
    : pattern_(pattern), months_(pattern.months) {
    for (auto const& [weekday, nth] : pattern.weekdays) {
        if (nth == 0) weekdays_ |= 1U << weekday.c_encoding();
        numbered_ = numbered_ || nth != 0;
    }
    within_month_ = pattern.frequency == Frequency::monthly || pattern.months != 0;

    bool const names_days = !pattern.weekdays.empty() || !pattern.month_days.empty() || !pattern.year_days.empty();
    if (names_days) return;
    chrono::year_month_day const date(anchor);
    bool const yearly = pattern.frequency == Frequency::yearly;
    if (pattern.frequency == Frequency::weekly || (yearly && !pattern.weeks.empty())) {
        weekdays_ = 1U << chrono::weekday(anchor).c_encoding();
    } else if (yearly || pattern.frequency == Frequency::monthly) {
        month_day_ = unsigned{date.day()};
        if (yearly && months_ == 0) months_ = std::uint64_t{1} << unsigned{date.month()};
    }
}

bool RecurrenceDays::contain(chrono::local_days day) const {
    chrono::year_month_day const date(day);
    if (!may_contain(date.month())) return false;
    if (month_day_ != 0 && unsigned{date.day()} != month_day_) return false;
    if (!pattern_.month_days.empty()) {
        auto const last = chrono::year_month_day_last(date.year() / date.month() / chrono::last).day();
        if (!pattern_.month_days.contain(static_cast<int>(unsigned{date.day()}), static_cast<int>(unsigned{last}))) {
            return false;
        }
    }
    if (!pattern_.year_days.empty()) {
        auto const index = static_cast<int>((day - chrono::local_days(date.year() / 1 / 1)).count()) + 1;
        if (!pattern_.year_days.contain(index, date.year().is_leap() ? 366 : 365)) return false;
    }
    if ((weekdays_ != 0 || numbered_) && !contain_weekday(day, date)) return false;
    return pattern_.weeks.empty() || contain_week(day);
}

bool RecurrenceDays::contain_weekday(chrono::local_days day, chrono::year_month_day date) const {
    chrono::weekday const weekday(day);
    if ((weekdays_ >> weekday.c_encoding() & 1) != 0) return true;
    if (!numbered_) return false;
    chrono::local_days first(date.year() / 1 / 1);
    chrono::local_days last(date.year() / 12 / 31);
    if (within_month_) {
        first = chrono::local_days(date.year() / date.month() / 1);
        last = chrono::local_days(date.year() / date.month() / chrono::last);
    }
    auto const from_begin = static_cast<int>((day - first).count() / 7) + 1;
    auto const from_end = -static_cast<int>((last - day).count() / 7) - 1;
    return std::ranges::any_of(pattern_.weekdays, [&](RecurrencePattern::Weekday const& wanted) {
        return wanted.day == weekday && (wanted.nth == from_begin || wanted.nth == from_end);
    });
}

bool RecurrenceDays::contain_week(chrono::local_days day) const {
    auto year = chrono::year_month_day(day).year();
    auto begin = first_week(year, pattern_.week_start);
    if (day < begin) {
        begin = first_week(--year, pattern_.week_start);
    } else if (auto const later = first_week(year + chrono::years(1), pattern_.week_start); day >= later) {
        begin = later;
        ++year;
    }
    auto const count = (first_week(year + chrono::years(1), pattern_.week_start) - begin).count() / 7;
    return pattern_.weeks.contain(static_cast<int>((day - begin).count() / 7) + 1, static_cast<int>(count));
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#include "work/cron.hpp"

#include <algorithm>

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

bool has(std::uint64_t set, unsigned value) {
    return (set >> value & 1) != 0;
}

/// The day from Monday to Friday that is nearest to `day` and in the same month.
unsigned nearest_weekday(chrono::year_month month, unsigned day, unsigned last) {
    chrono::weekday const weekday(chrono::sys_days(month / chrono::day(day)));
    if (weekday == chrono::Saturday) return day > 1 ? day - 1 : day + 2;
    if (weekday == chrono::Sunday) return day < last ? day + 1 : day - 2;
    return day;
}

}  // namespace

bool CronDays::contain(chrono::year_month_day date) const {
    if (!has(months, unsigned{date.month()})) return false;
    if (any_day_of_month && any_day_of_week) return true;

    auto const month = date.year() / date.month();
    auto const day = unsigned{date.day()};
    auto const last = unsigned{chrono::year_month_day_last(month / chrono::last).day()};
    auto const weekday = chrono::weekday(chrono::sys_days(date)).c_encoding();
    bool by_month = !any_day_of_month && (has(days, day) || has(before_last, last - day));
    if (!any_day_of_month && !by_month && (nearest_weekday != 0 || last_weekday)) {
        // Nothing moves further than two days.
        for (unsigned named = std::max(day, 3U) - 2; named <= std::min(day + 2, last); ++named) {
            bool const wanted = has(nearest_weekday, named) || (last_weekday && named == last);
            by_month = by_month || (wanted && work::nearest_weekday(month, named, last) == day);
        }
    }
    bool const by_week =
        !any_day_of_week && (has(weekdays, weekday) || (has(last_of_weekdays, weekday) && day + 7 > last) ||
                             has(nth_of_weekdays.at((day - 1) / 7), weekday));
    return by_month || by_week;
}

std::optional<chrono::local_seconds> CronRule::next(chrono::local_seconds after, chrono::local_seconds last) const {
    last = std::min(last, kLastLocalSecond);
    auto from =
        std::max(after, chrono::local_seconds(chrono::local_days(chrono::year(0) / 1 / 1))) + chrono::seconds(1);
    while (from <= last) {
        auto const day = chrono::floor<chrono::days>(from);
        chrono::year_month_day const date(day);
        if (!has(days_.months, unsigned{date.month()})) {
            from = chrono::local_days((date.year() / date.month() + chrono::months(1)) / 1);
            continue;
        }
        if (days_.contain(date)) {
            if (auto const time = times_.from(from - day)) {
                auto const found = day + *time;
                if (found > last) return std::nullopt;
                return found;
            }
        }
        from = day + chrono::days(1);
    }
    return std::nullopt;
}

}  // namespace nexpo::work

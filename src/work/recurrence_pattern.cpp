// SPDX-License-Identifier: Apache-2.0
#include "work/recurrence_pattern.hpp"

#include <algorithm>

#include "work/recurrence_days.hpp"

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

using Found = std::optional<chrono::local_seconds>;

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86'400;

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

/// Counts periods in steps of an interval from the one of DTSTART on.
struct Steps {
    std::int64_t first = 0;
    std::int64_t interval = 1;

    /// The first period of the pattern that is not before `period`.
    std::int64_t from(std::int64_t period) const {
        if (period <= first) return first;
        auto const over = (period - first) % interval;
        return over == 0 ? period : period + (interval - over);
    }
};

std::uint64_t or_bit(std::uint64_t set, std::int64_t value) {
    return set != 0 ? set : std::uint64_t{1} << value;
}

/// Periods of a day and longer: days that pass, each with all times of day.
class LongPeriods {
 public:
    LongPeriods(RecurrencePattern const& pattern, chrono::local_seconds anchor)
        : pattern_(pattern),
          anchor_(anchor),
          first_day_(chrono::floor<chrono::days>(anchor)),
          days_(pattern, first_day_) {
        auto const of_day = (anchor - first_day_).count();
        times_ = {.hours = or_bit(pattern.hours, of_day / kHour),
                  .minutes = or_bit(pattern.minutes, of_day / 60 % 60),
                  .seconds = or_bit(pattern.seconds, of_day % 60)};
        steps_ = {period_of(first_day_), pattern.interval};
    }

    Found next(chrono::local_seconds after, chrono::local_seconds last) const {
        after = std::max(after, anchor_ - chrono::seconds(1));
        auto const last_period = period_of(chrono::floor<chrono::days>(last));
        for (auto period = steps_.from(period_of(chrono::floor<chrono::days>(after))); period <= last_period;
             period += pattern_.interval) {
            auto const found = pattern_.positions.empty() ? any_of(period, after) : placed_of(period, after);
            if (found) return *found <= last ? found : std::nullopt;
        }
        return std::nullopt;
    }

 private:
    std::int64_t period_of(chrono::local_days day) const {
        chrono::year_month_day const date(day);
        switch (pattern_.frequency) {
            case Frequency::weekly:
                return floor_divide((day - (chrono::weekday(day) - pattern_.week_start)).time_since_epoch().count(), 7);
            case Frequency::monthly:
                return int{date.year()} * 12 + static_cast<int>(unsigned{date.month()}) - 1;
            case Frequency::yearly:
                return int{date.year()};
            default:
                return day.time_since_epoch().count();
        }
    }

    chrono::local_days begin_of(std::int64_t period) const {
        switch (pattern_.frequency) {
            case Frequency::weekly: {
                // The week of day 0, a Thursday, begins up to six days before it.
                auto const shift = (chrono::Thursday - pattern_.week_start).count();
                auto const day = period * 7 + (shift == 0 ? 0 : 7 - shift);
                return chrono::local_days(chrono::days(day));
            }
            case Frequency::monthly: {
                auto const year = floor_divide(period, 12);
                return chrono::local_days(chrono::year(static_cast<int>(year)) /
                                          chrono::month(static_cast<unsigned>(period - year * 12 + 1)) / 1);
            }
            case Frequency::yearly:
                return chrono::local_days(chrono::year(static_cast<int>(period)) / 1 / 1);
            default:
                return chrono::local_days(chrono::days(period));
        }
    }

    /// Calls `visit(day)` for each day of the period from `from` on until it answers true.
    template <class Visit>
    void each_day(std::int64_t period, chrono::local_days from, Visit const& visit) const {
        auto const finish = begin_of(period + 1);
        for (auto day = std::max(from, begin_of(period)); day < finish;) {
            chrono::year_month_day const date(day);
            if (!days_.may_contain(date.month())) {
                day = chrono::local_days((date.year() / date.month() + chrono::months(1)) / 1);
                continue;
            }
            if (days_.contain(day) && visit(day)) return;
            day += chrono::days(1);
        }
    }

    Found any_of(std::int64_t period, chrono::local_seconds after) const {
        Found found;
        auto const from = after + chrono::seconds(1);
        each_day(period, chrono::floor<chrono::days>(from), [&](chrono::local_days day) {
            auto const time = times_.from(std::max(from - day, chrono::seconds(0)));
            if (time) found = day + *time;
            return found.has_value();
        });
        return found;
    }

    Found placed_of(std::int64_t period, chrono::local_seconds after) const {
        std::vector<chrono::local_days> days;
        each_day(period, chrono::local_days::min(), [&](chrono::local_days day) {
            days.push_back(day);
            return false;
        });
        auto const per_day = static_cast<std::int64_t>(times_.count());
        auto const count = static_cast<std::int64_t>(days.size()) * per_day;
        Found found;
        for (std::int64_t const position : pattern_.positions) {
            auto const index = position > 0 ? position - 1 : count + position;
            if (index < 0 || index >= count) continue;
            auto const time =
                days[static_cast<std::size_t>(index / per_day)] + times_.at(static_cast<int>(index % per_day));
            if (time > after && (!found || time < *found)) found = time;
        }
        return found;
    }

    RecurrencePattern const& pattern_;
    chrono::local_seconds anchor_;
    chrono::local_days first_day_;
    RecurrenceDays days_;
    TimesOfDay times_{};
    Steps steps_{};
};

/// Hours, minutes and seconds: a walk from one that the interval takes to the next, over those that do not pass.
class ShortPeriods {
 public:
    ShortPeriods(RecurrencePattern const& pattern, chrono::local_seconds anchor)
        : pattern_(pattern), anchor_(anchor), days_(pattern, chrono::floor<chrono::days>(anchor)) {
        auto const seconds = anchor.time_since_epoch().count();
        auto const of_day = seconds - floor_divide(seconds, kDay) * kDay;
        unit_ = pattern.frequency == Frequency::hourly ? kHour : pattern.frequency == Frequency::minutely ? 60 : 1;
        steps_ = {floor_divide(seconds, unit_), pattern.interval};
        times_ = {.hours = pattern.hours != 0 ? pattern.hours : TimesOfDay::kAllHours,
                  .minutes = pattern.minutes != 0 ? pattern.minutes : TimesOfDay::kAllMinutes,
                  .seconds = pattern.seconds != 0 ? pattern.seconds : TimesOfDay::kAllMinutes};
        if (unit_ == kHour) times_.minutes = or_bit(pattern.minutes, of_day / 60 % 60);
        if (unit_ >= 60) times_.seconds = or_bit(pattern.seconds, of_day % 60);
    }

    Found next(chrono::local_seconds after, chrono::local_seconds last) const {
        after = std::max(after, anchor_ - chrono::seconds(1));
        auto const last_second = last.time_since_epoch().count();
        auto period = steps_.from(floor_divide(after.time_since_epoch().count() + 1, unit_));
        for (int step = 0; period * unit_ <= last_second; ++step) {
            if (step == RecurrencePattern::kMaxSteps) return std::nullopt;
            auto const passing = passing_from(period);
            if (passing != period) {
                period = steps_.from(passing);
                continue;
            }
            if (auto const found = within(period, after)) return *found <= last ? found : std::nullopt;
            period += pattern_.interval;
        }
        return std::nullopt;
    }

 private:
    /// The period itself when its day, hour, minute and second pass, otherwise a later one before which none does.
    std::int64_t passing_from(std::int64_t period) const {
        auto const second = period * unit_;
        chrono::local_days const day(chrono::days(floor_divide(second, kDay)));
        chrono::year_month_day const date(day);
        if (!days_.may_contain(date.month())) {
            chrono::local_days const next((date.year() / date.month() + chrono::months(1)) / 1);
            return next.time_since_epoch().count() * (kDay / unit_);
        }
        auto const midnight = day.time_since_epoch().count() * kDay;
        if (days_.contain(day)) {
            // Parts finer than the period expand it; they do not decide whether it passes.
            auto limits = times_;
            if (unit_ == kHour) limits.minutes = 1;
            if (unit_ >= 60) limits.seconds = 1;
            if (auto const time = limits.from(chrono::seconds(second - midnight)))
                return (midnight + time->count()) / unit_;
        }
        return (midnight + kDay) / unit_;
    }

    Found within(std::int64_t period, chrono::local_seconds after) const {
        auto const begin = period * unit_;
        auto const midnight = floor_divide(begin, kDay) * kDay;
        auto times = times_;
        auto const of_day = begin - midnight;
        times.hours = std::uint64_t{1} << (of_day / kHour);
        if (unit_ < kHour) times.minutes = std::uint64_t{1} << (of_day / 60 % 60);
        if (unit_ < 60) times.seconds = std::uint64_t{1} << (of_day % 60);
        chrono::local_seconds const day{chrono::seconds(midnight)};
        Found found;
        if (pattern_.positions.empty()) {
            auto const from = std::max(after + chrono::seconds(1) - day, chrono::seconds(0));
            if (from >= chrono::days(1)) return std::nullopt;
            if (auto const time = times.from(from)) found = day + *time;
            return found;
        }
        int const count = times.count();
        for (int const position : pattern_.positions) {
            int const index = position > 0 ? position - 1 : count + position;
            if (index < 0 || index >= count) continue;
            auto const time = day + times.at(index);
            if (time > after && (!found || time < *found)) found = time;
        }
        return found;
    }

    RecurrencePattern const& pattern_;
    chrono::local_seconds anchor_;
    RecurrenceDays days_;
    TimesOfDay times_{};
    std::int64_t unit_ = 1;
    Steps steps_{};
};

}  // namespace

Found RecurrencePattern::next(chrono::local_seconds anchor, chrono::local_seconds after,
                              chrono::local_seconds last) const {
    last = std::min(last, kLastLocalSecond);
    if (after >= last) return std::nullopt;
    if (frequency >= Frequency::daily) return LongPeriods(*this, anchor).next(after, last);
    return ShortPeriods(*this, anchor).next(after, last);
}

}  // namespace nexpo::work

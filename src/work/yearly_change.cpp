// SPDX-License-Identifier: Apache-2.0
#include "work/yearly_change.hpp"

#include <algorithm>

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

/// One to three digits.
std::optional<int> take_number(std::string_view& text, int min, int max) {
    auto const digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > 3) return std::nullopt;
    int value = 0;
    for (char const c : text.substr(0, digits)) value = value * 10 + (c - '0');
    if (value < min || value > max) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

/// `[+-]hh[:mm[:ss]]`, up to 167 hours.
std::optional<chrono::seconds> take_time(std::string_view& text) {
    bool const negative = take(text, '-');
    if (!negative) take(text, '+');
    auto const hours = take_number(text, 0, 167);
    if (!hours) return std::nullopt;
    chrono::seconds time = chrono::hours(*hours);
    if (take(text, ':')) {
        auto const minutes = take_number(text, 0, 59);
        if (!minutes) return std::nullopt;
        time += chrono::minutes(*minutes);
        if (take(text, ':')) {
            auto const seconds = take_number(text, 0, 59);
            if (!seconds) return std::nullopt;
            time += chrono::seconds(*seconds);
        }
    }
    return negative ? -time : time;
}

/// `EST` or `<+03>`.
bool take_name(std::string_view& text) {
    bool const quoted = take(text, '<');
    auto const is_part = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
    };
    auto const length = static_cast<std::size_t>(std::ranges::find_if_not(text, is_part) - text.begin());
    text.remove_prefix(length);
    return length >= 3 && (!quoted || take(text, '>'));
}

}  // namespace

std::optional<YearlyChange> YearlyChange::take(std::string_view& text) {
    using work::take;
    YearlyChange change;
    if (take(text, 'M')) {
        auto const month = take_number(text, 1, 12);
        if (!month || !take(text, '.')) return std::nullopt;
        auto const week = take_number(text, 1, 5);
        if (!week || !take(text, '.')) return std::nullopt;
        auto const day = take_number(text, 0, 6);
        if (!day) return std::nullopt;
        change.month_ = *month;
        change.week_ = *week;
        change.day_ = *day;
    } else {
        bool const without_leap = take(text, 'J');
        auto const day = without_leap ? take_number(text, 1, 365) : take_number(text, 0, 365);
        if (!day) return std::nullopt;
        change.form_ = without_leap ? Form::day_without_leap : Form::day_with_leap;
        change.day_ = *day;
    }
    if (take(text, '/')) {
        auto const time = take_time(text);
        if (!time) return std::nullopt;
        change.time_ = *time;
    }
    return change;
}

chrono::local_seconds YearlyChange::in(chrono::year year) const {
    chrono::local_days const first(year / 1 / 1);
    switch (form_) {
        case Form::weekday: {
            auto const month = year / chrono::month(static_cast<unsigned>(month_));
            chrono::weekday const weekday(static_cast<unsigned>(day_));
            if (week_ == 5) return chrono::local_days(month / weekday[chrono::last]) + time_;
            return chrono::local_days(month / weekday[static_cast<unsigned>(week_)]) + time_;
        }
        case Form::day_without_leap:
            return first + chrono::days(day_ - (year.is_leap() && day_ >= 60 ? 0 : 1)) + time_;
        case Form::day_with_leap:
            break;
    }
    return first + chrono::days(day_) + time_;
}

std::optional<YearlyRule> YearlyRule::parse(std::string_view text) {
    YearlyRule rule;
    if (!take_name(text)) return std::nullopt;
    auto const offset = take_time(text);
    if (!offset) return std::nullopt;
    rule.offset = -*offset;  // POSIX counts to the west
    if (text.empty()) return rule;

    Summer summer{.offset = rule.offset + chrono::hours(1)};
    if (!take_name(text)) return std::nullopt;
    if (!text.starts_with(',')) {
        auto const other = take_time(text);
        if (!other) return std::nullopt;
        summer.offset = -*other;
    }
    if (!take(text, ',')) return std::nullopt;
    auto const begin = YearlyChange::take(text);
    if (!begin || !take(text, ',')) return std::nullopt;
    auto const finish = YearlyChange::take(text);
    if (!finish || !text.empty()) return std::nullopt;
    summer.begin = *begin;
    summer.finish = *finish;
    rule.summer = summer;
    return rule;
}

}  // namespace nexpo::work

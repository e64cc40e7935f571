// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "base/ascii.hpp"
#include "work/cron.hpp"

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

struct Field {
    std::string_view name;   ///< In the stable name of a broken rule.
    std::string_view label;  ///< For people.
    int min = 0;
    int max = 59;
    std::span<std::string_view const> words{};  ///< For `min` and the values after it.
};

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr Field kSecond{.name = "second", .label = "second"};
constexpr Field kMinute{.name = "minute", .label = "minute"};
constexpr Field kHour{.name = "hour", .label = "hour", .max = 23};
constexpr Field kDayOfMonth{.name = "day_of_month", .label = "day of month", .min = 1, .max = 31};
constexpr Field kMonth{.name = "month", .label = "month", .min = 1, .max = 12, .words = kMonths};
constexpr Field kDayOfWeek{.name = "day_of_week", .label = "day of week", .max = 7, .words = kWeekdays};

constexpr std::pair<std::string_view, std::string_view> kMacros[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}};

Error broken(Field const& field, std::string_view rule, std::string const& what) {
    return rule_error(std::string(field.name).append("_").append(rule),
                      "The " + std::string(field.label) + " field of a cron rule " + what);
}

Error out_of_range(Field const& field) {
    return broken(field, "range",
                  "takes values from " + std::to_string(field.min) + " to " + std::to_string(field.max) + ".");
}

Error malformed(Field const& field) {
    return broken(field, "form", "is a list of values, ranges such as 1-5, and steps such as */15.");
}

constexpr std::uint64_t bit(int value) {
    return std::uint64_t{1} << value;
}

/// Bits from `first` to `last`, each `step`-th.
std::uint64_t bits(int first, int last, int step) {
    std::uint64_t set = 0;
    for (int value = first; value <= last; value += step) set |= bit(value);
    return set;
}

/// Digits alone; values beyond all fields are as good as 1,000.
std::optional<int> read_number(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
    int value = 0;
    for (char const c : text) value = std::min(value * 10 + (c - '0'), 1000);
    return value;
}

Result<int> read_value(std::string_view text, Field const& field) {
    auto const word = std::ranges::find(field.words, text);
    if (word != field.words.end()) return field.min + static_cast<int>(word - field.words.begin());
    auto const number = read_number(text);
    if (!number) return malformed(field);
    if (*number < field.min || *number > field.max) return out_of_range(field);
    return *number;
}

/// `*`, `a`, `a-b`, each perhaps with `/n`.
Result<std::uint64_t> read_range(std::string_view text, Field const& field) {
    int step = 1;
    auto const slash = text.find('/');
    if (slash != text.npos) {
        auto const number = read_number(text.substr(slash + 1));
        if (!number) return malformed(field);
        if (*number < 1 || *number > field.max) {
            return broken(field, "step", "takes steps from 1 to " + std::to_string(field.max) + ".");
        }
        step = *number;
    }
    auto const range = text.substr(0, slash);
    if (range == "*") return bits(field.min, field.max == 7 ? 6 : field.max, step);
    auto const dash = range.find('-');
    auto const first = read_value(range.substr(0, dash), field);
    if (!first) return first.error();
    if (dash == range.npos) {
        if (slash == text.npos) return bit(*first);
        return bits(*first, field.max == 7 ? std::max(*first, 6) : field.max, step);
    }
    auto last = read_value(range.substr(dash + 1), field);
    if (!last) return last.error();
    if (field.max == 7 && *last == 0 && *first > 0) *last = 7;  // a week may end with Sunday
    if (*last < *first) return broken(field, "order", "takes ranges from a lower to a higher value.");
    return bits(*first, *last, step);
}

/// `L`, `L-n`, `LW`, `nW`; false when the item is none of them.
Result<bool> read_special_day(std::string_view item, CronDays& days) {
    if (item == "lw") {
        days.last_weekday = true;
    } else if (item.starts_with('l')) {
        if (item.size() > 1 && item[1] != '-') return malformed(kDayOfMonth);
        auto const before = item.size() == 1 ? 0 : read_number(item.substr(2));
        if (!before) return malformed(kDayOfMonth);
        if (*before > 30) return broken(kDayOfMonth, "range", "takes L-1 to L-30.");
        days.before_last |= bit(*before);
    } else if (item.ends_with('w')) {
        auto const day = read_value(item.substr(0, item.size() - 1), kDayOfMonth);
        if (!day) return day.error();
        days.nearest_weekday |= bit(*day);
    } else {
        return false;
    }
    return true;
}

/// `nL`, `n#k`; false when the item is none of them.
Result<bool> read_special_weekday(std::string_view item, CronDays& days) {
    auto const hash = item.find('#');
    if (hash == item.npos && !item.ends_with('l')) return false;
    auto const weekday = read_value(item.substr(0, hash == item.npos ? item.size() - 1 : hash), kDayOfWeek);
    if (!weekday) return weekday.error();
    if (hash == item.npos) {
        days.last_of_weekdays |= bit(*weekday % 7);
        return true;
    }
    auto const nth = read_number(item.substr(hash + 1));
    if (!nth) return malformed(kDayOfWeek);
    if (*nth < 1 || *nth > 5) return broken(kDayOfWeek, "nth", "takes #1 to #5.");
    days.nth_of_weekdays.at(static_cast<std::size_t>(*nth - 1)) |= bit(*weekday % 7);
    return true;
}

Result<bool> no_special(std::string_view, CronDays&) {
    return false;
}

/// The values of a list; those that have no number go to `days`.
template <class Special>
Result<std::uint64_t> read_list(std::string_view text, Field const& field, CronDays& days, Special const& special) {
    std::uint64_t set = 0;
    while (true) {
        auto const comma = text.find(',');
        auto const item = text.substr(0, comma);
        auto const taken = special(item, days);
        if (!taken) return taken.error();
        if (!*taken) {
            auto const values = read_range(item, field);
            if (!values) return values.error();
            set |= *values;
        }
        if (comma == text.npos) return set;
        text.remove_prefix(comma + 1);
    }
}

std::vector<std::string_view> split(std::string_view text) {
    constexpr std::string_view kSpaces = " \t";
    std::vector<std::string_view> fields;
    for (auto begin = text.find_first_not_of(kSpaces); begin != text.npos; begin = text.find_first_not_of(kSpaces)) {
        text.remove_prefix(begin);
        fields.push_back(text.substr(0, text.find_first_of(kSpaces)));
        text.remove_prefix(fields.back().size());
    }
    return fields;
}

/// Whether the field leaves the day to the other one.
bool any(std::string_view field) {
    return field == "*" || field == "?";
}

}  // namespace

Result<CronRule> CronRule::parse(std::string_view text) {
    if (text.size() > kMaxText) {
        return rule_error("cron_length", "A cron rule has at most " + std::to_string(kMaxText) + " characters.");
    }
    std::string const lower = base::to_lower(text);
    auto fields = split(lower);
    if (fields.size() == 1 && fields[0].starts_with('@')) {
        auto const* const macro = std::ranges::find(kMacros, fields[0], [](auto const& pair) { return pair.first; });
        if (macro == std::end(kMacros)) {
            return rule_error("cron_macro",
                              "The names of cron rules are @hourly, @daily, @weekly, @monthly and @yearly.");
        }
        fields = split(macro->second);
    }
    if (fields.size() == 5) fields.insert(fields.begin(), "0");
    if (fields.size() != 6) {
        return rule_error("cron_fields", "A cron rule has five fields, or six with seconds first.");
    }

    CronRule rule;
    auto& days = rule.days_;
    days.any_day_of_month = any(fields[3]);
    days.any_day_of_week = any(fields[5]);
    auto const seconds = read_list(fields[0], kSecond, days, no_special);
    if (!seconds) return seconds.error();
    auto const minutes = read_list(fields[1], kMinute, days, no_special);
    if (!minutes) return minutes.error();
    auto const hours = read_list(fields[2], kHour, days, no_special);
    if (!hours) return hours.error();
    auto const month_days = read_list(days.any_day_of_month ? "*" : fields[3], kDayOfMonth, days, read_special_day);
    if (!month_days) return month_days.error();
    auto const months = read_list(fields[4], kMonth, days, no_special);
    if (!months) return months.error();
    auto const weekdays = read_list(days.any_day_of_week ? "*" : fields[5], kDayOfWeek, days, read_special_weekday);
    if (!weekdays) return weekdays.error();
    rule.times_ = {.hours = *hours, .minutes = *minutes, .seconds = *seconds};
    days.months = *months;
    days.days = *month_days;
    days.weekdays = (*weekdays | *weekdays >> 7) & 0x7F;

    // Dates repeat after 400 years.
    constexpr auto kCycle = chrono::local_days(chrono::year(2000) / 1 / 1);
    if (!rule.next(kCycle, kCycle + chrono::days(146'097))) return never_error();
    return rule;
}

}  // namespace nexpo::work

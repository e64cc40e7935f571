// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>

#include "base/ascii.hpp"
#include "work/recurrence.hpp"

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

constexpr std::string_view kFrequencies[] = {"secondly", "minutely", "hourly", "daily", "weekly", "monthly", "yearly"};
constexpr std::string_view kWeekdays[] = {"su", "mo", "tu", "we", "th", "fr", "sa"};
constexpr std::size_t kMaxDates = 1000;

Error broken(std::string_view part, std::string_view rule, std::string_view what) {
    std::string upper(part);
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return rule_error(std::string(part).append("_").append(rule), upper.append(" ").append(what));
}

/// The piece before the separator, taken off the text; all of it when there is none.
std::string_view take_until(std::string_view& text, char separator) {
    auto const end = text.find(separator);
    auto const piece = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return piece;
}

/// One to nine digits.
std::optional<int> read_number(std::string_view text) {
    if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
    int value = 0;
    for (char const c : text) value = value * 10 + (c - '0');
    return value;
}

std::optional<int> read_signed(std::string_view text) {
    bool const negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    auto const number = read_number(text);
    if (!number) return std::nullopt;
    return negative ? -*number : *number;
}

std::optional<chrono::weekday> read_weekday(std::string_view text) {
    auto const* const found = std::ranges::find(kWeekdays, text);
    if (found == std::end(kWeekdays)) return std::nullopt;
    return chrono::weekday(static_cast<unsigned>(found - std::begin(kWeekdays)));
}

std::optional<chrono::local_days> read_date(std::string_view text) {
    if (text.size() != 8) return std::nullopt;
    auto const number = read_number(text);
    if (!number) return std::nullopt;
    chrono::year_month_day const date(chrono::year(*number / 10'000),
                                      chrono::month(static_cast<unsigned>(*number / 100 % 100)),
                                      chrono::day(static_cast<unsigned>(*number % 100)));
    if (!date.ok() || date.year() < chrono::year(1)) return std::nullopt;
    return chrono::local_days(date);
}

/// `20260301t090000`, in lower case.
std::optional<chrono::local_seconds> read_time(std::string_view text) {
    if (text.size() != 15 || text[8] != 't') return std::nullopt;
    auto const date = read_date(text.substr(0, 8));
    auto const time = read_number(text.substr(9));
    if (!date || !time) return std::nullopt;
    int const hour = *time / 10'000;
    int const minute = *time / 100 % 100;
    int const second = *time % 100;
    if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return *date + chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(std::min(second, 59));
}

}  // namespace

/// Reads the lines of a rule. Every step answers the error, if there is one.
class RecurrenceReader {
 public:
    using Fault = std::optional<Error>;

    Fault lines(std::string_view text) {
        bool ruled = false;
        while (!text.empty()) {
            auto line = take_until(text, '\n');
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (line.empty()) continue;
            if (line.starts_with("exdate:")) {
                if (auto fault = exdates(line.substr(7))) return fault;
            } else if (line.starts_with("rrule:") || line.starts_with("freq=")) {
                if (ruled) return rule_error("rrule_repeated", "A schedule has one RRULE.");
                ruled = true;
                if (auto fault = parts(line.starts_with("rrule:") ? line.substr(6) : line)) return fault;
            } else {
                return rule_error("rrule_form", "A recurrence is an RRULE (RFC 5545), perhaps with lines EXDATE:.");
            }
        }
        if (!ruled) return rule_error("rrule_missing", "A recurrence has an RRULE.");
        return std::nullopt;
    }

    Recurrence rule{};

 private:
    Fault exdates(std::string_view list) {
        auto& out = rule.excluded_;
        while (true) {
            bool const more = list.find(',') != list.npos;
            auto const time = read_time(take_until(list, ','));
            if (!time) return broken("exdate", "form", "is a list of local times such as 20260301T090000.");
            if (out.size() == kMaxDates) return broken("exdate", "length", "has at most 1000 times.");
            out.push_back(*time);
            if (!more) break;
        }
        std::ranges::sort(out);
        return std::nullopt;
    }

    Fault parts(std::string_view text) {
        while (true) {
            bool const more = text.find(';') != text.npos;
            auto piece = take_until(text, ';');
            auto const equals = piece.find('=');
            if (equals == piece.npos)
                return rule_error("rrule_form", "An RRULE is a list of NAME=VALUE, between semicolons.");
            auto const name = piece.substr(0, equals);
            auto const value = piece.substr(equals + 1);
            if (auto fault = part(name, value)) return fault;
            if (!given_.emplace(name).second) return broken(name, "repeated", "is given once at most.");
            if (!more) break;
        }
        return consistent();
    }

    Fault part(std::string_view name, std::string_view value) {
        auto& pattern = rule.pattern_;
        if (name == "freq") return frequency(value);
        if (name == "interval") return interval(value);
        if (name == "count") return count(value);
        if (name == "until") return until(value);
        if (name == "bysecond") return set(name, value, 0, 60, pattern.seconds);
        if (name == "byminute") return set(name, value, 0, 59, pattern.minutes);
        if (name == "byhour") return set(name, value, 0, 23, pattern.hours);
        if (name == "bymonth") return set(name, value, 1, 12, pattern.months);
        if (name == "bymonthday") return places(name, value, 31, pattern.month_days);
        if (name == "byyearday") return places(name, value, 366, pattern.year_days);
        if (name == "byweekno") return places(name, value, 53, pattern.weeks);
        if (name == "byday") return weekdays(value);
        if (name == "bysetpos") return positions(value);
        if (name == "wkst") {
            auto const day = read_weekday(value);
            if (!day) return broken(name, "form", "is one of MO, TU, WE, TH, FR, SA, SU.");
            pattern.week_start = *day;
            return std::nullopt;
        }
        return rule_error("rrule_part",
                          "The parts of an RRULE are FREQ, INTERVAL, COUNT, UNTIL, WKST, BYSECOND, BYMINUTE, "
                          "BYHOUR, BYDAY, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYMONTH and BYSETPOS.");
    }

    Fault frequency(std::string_view value) {
        auto const* const found = std::ranges::find(kFrequencies, value);
        if (found == std::end(kFrequencies)) {
            return broken("freq", "form", "is SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY.");
        }
        rule.pattern_.frequency = static_cast<Frequency>(found - std::begin(kFrequencies));
        return std::nullopt;
    }

    Fault interval(std::string_view value) {
        auto const number = read_number(value);
        if (!number || *number < 1) return broken("interval", "range", "is a number from 1 to 999999999.");
        rule.pattern_.interval = *number;
        return std::nullopt;
    }

    Fault count(std::string_view value) {
        auto const number = read_number(value);
        if (!number || *number < 1 || *number > Recurrence::kMaxCount) {
            return broken("count", "range", "is a number from 1 to 10000.");
        }
        rule.count_ = *number;
        return std::nullopt;
    }

    Fault until(std::string_view value) {
        if (auto const date = read_date(value)) {
            rule.until_ = *date + chrono::days(1) - chrono::seconds(1);
            return std::nullopt;
        }
        bool const utc = value.ends_with('z');
        if (utc) value.remove_suffix(1);
        auto const time = read_time(value);
        if (!time) return broken("until", "form", "is a date or time such as 20260301T090000Z.");
        if (utc) {
            rule.until_utc_ = chrono::sys_seconds(time->time_since_epoch());
        } else {
            rule.until_ = *time;
        }
        return std::nullopt;
    }

    /// Calls `take(item)` for each item of a list until it answers false.
    template <class Take>
    static bool each(std::string_view list, Take const& take) {
        while (true) {
            bool const more = list.find(',') != list.npos;
            if (!take(take_until(list, ','))) return false;
            if (!more) return true;
        }
    }

    static Fault set(std::string_view name, std::string_view value, int min, int max, std::uint64_t& out) {
        bool const good = each(value, [&](std::string_view item) {
            auto const number = read_number(item);
            if (!number || *number < min || *number > max) return false;
            out |= std::uint64_t{1} << std::min(*number, 59);  // RFC 5545: without leap seconds, 60 is 59
            return true;
        });
        if (good) return std::nullopt;
        return broken(name, "range",
                      "is a list of numbers from " + std::to_string(min) + " to " + std::to_string(max) + ".");
    }

    static Fault places(std::string_view name, std::string_view value, int max, RecurrencePattern::Places& out) {
        bool const good = each(value, [&](std::string_view item) {
            auto const number = read_signed(item);
            if (!number || *number == 0 || *number < -max || *number > max) return false;
            (*number > 0 ? out.from_begin : out.from_end).set(static_cast<std::size_t>(std::abs(*number)));
            return true;
        });
        if (good) return std::nullopt;
        auto const limit = std::to_string(max);
        return broken(name, "range", "is a list of numbers from 1 to " + limit + " or from -1 to -" + limit + ".");
    }

    Fault weekdays(std::string_view value) {
        auto& out = rule.pattern_.weekdays;
        bool const good = each(value, [&](std::string_view item) {
            if (item.size() < 2) return false;
            auto const day = read_weekday(item.substr(item.size() - 2));
            auto const nth = item.size() == 2 ? 0 : read_signed(item.substr(0, item.size() - 2));
            if (!day || !nth || *nth < -53 || *nth > 53 || (item.size() > 2 && *nth == 0)) return false;
            bool const known =
                std::ranges::any_of(out, [&](auto const& other) { return other.day == *day && other.nth == *nth; });
            if (!known) out.push_back({*day, *nth});
            return true;
        });
        if (good) return std::nullopt;
        return broken("byday", "form",
                      "is a list of MO, TU, WE, TH, FR, SA, SU, perhaps with numbers as in 2MO or -1FR.");
    }

    Fault positions(std::string_view value) {
        RecurrencePattern::Places places_read;
        if (auto fault = places("bysetpos", value, 366, places_read)) return fault;
        auto& out = rule.pattern_.positions;
        for (int n = 1; n <= 366; ++n) {
            if (places_read.from_begin.test(static_cast<std::size_t>(n))) out.push_back(n);
            if (places_read.from_end.test(static_cast<std::size_t>(n))) out.push_back(-n);
        }
        return std::nullopt;
    }

    /// What RFC 5545 section 3.3.10 says about parts together.
    Fault consistent() const {
        auto const& pattern = rule.pattern_;
        auto const frequency = pattern.frequency;
        auto const has = [&](std::string_view name) { return given_.contains(name); };
        auto const refuse = [](std::string_view part, std::string_view what) -> Fault {
            return broken(part, "frequency", what);
        };
        if (!has("freq")) return rule_error("freq_missing", "An RRULE has FREQ.");
        if (has("count") && has("until")) return rule_error("count_until", "COUNT and UNTIL exclude each other.");
        if (has("byweekno") && frequency != Frequency::yearly) return refuse("byweekno", "needs FREQ=YEARLY.");
        if (has("byyearday") && frequency >= Frequency::daily && frequency != Frequency::yearly) {
            return refuse("byyearday", "does not go with FREQ=DAILY, WEEKLY or MONTHLY.");
        }
        if (has("bymonthday") && frequency == Frequency::weekly)
            return refuse("bymonthday", "does not go with FREQ=WEEKLY.");
        bool const numbered =
            std::ranges::any_of(pattern.weekdays, [](auto const& weekday) { return weekday.nth != 0; });
        if (numbered && (frequency < Frequency::monthly || has("byweekno"))) {
            return refuse("byday", "takes numbers with FREQ=MONTHLY or YEARLY only, and not beside BYWEEKNO.");
        }
        bool const other = std::ranges::any_of(
            given_, [](std::string_view name) { return name.starts_with("by") && name != "bysetpos"; });
        if (has("bysetpos") && !other) return rule_error("bysetpos_alone", "BYSETPOS needs another BY part.");
        return std::nullopt;
    }

    std::set<std::string_view> given_{};
};

bool Recurrence::looks_like(std::string_view text) {
    return text.find_first_of("=:") != text.npos;
}

Result<Recurrence> Recurrence::parse(std::string_view text, chrono::local_seconds begin) {
    if (text.size() > kMaxText) return rule_error("rrule_length", "A recurrence has at most 16384 characters.");
    std::string const lower = base::to_lower(text);
    RecurrenceReader reader;
    if (auto fault = reader.lines(lower)) return *std::move(fault);
    auto rule = std::move(reader.rule);
    rule.begin_ = begin;

    auto const first = rule.pattern_.next(begin, begin - chrono::seconds(1), kLastLocalSecond);
    if (!first) return never_error();
    if (rule.count_) {
        auto at = begin - chrono::seconds(1);
        int left = *rule.count_;
        while (left > 0) {
            auto const found = rule.pattern_.next(begin, at, kLastLocalSecond);
            if (!found) break;
            at = *found;
            --left;
        }
        if (left == 0) rule.counted_ = at;
    }
    return rule;
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#include "nexpo/time.hpp"

#include <algorithm>
#include <optional>

namespace nexpo::inline v1 {

namespace {

namespace chrono = std::chrono;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Reads RFC 3339 text from left to right; every step answers nothing when the text does not fit.
class Reader {
 public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool at_end() const { return text_.empty(); }

    bool literal(char upper, char lower) {
        if (text_.empty() || (text_.front() != upper && text_.front() != lower)) return false;
        text_.remove_prefix(1);
        return true;
    }

    bool literal(char c) { return literal(c, c); }

    /// Exactly `digits` digits whose value is at most `max`.
    std::optional<int> number(std::size_t digits, int max) {
        if (text_.size() < digits) return std::nullopt;
        int value = 0;
        for (char c : text_.substr(0, digits)) {
            if (!is_digit(c)) return std::nullopt;
            value = value * 10 + (c - '0');
        }
        if (value > max) return std::nullopt;
        text_.remove_prefix(digits);
        return value;
    }

    /// One to nine digits after a point, cut to microseconds.
    std::optional<chrono::microseconds> fraction() {
        std::size_t const digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
        if (digits == 0 || digits > 9) return std::nullopt;
        std::int64_t value = 0;
        for (std::size_t i = 0; i < 6; ++i) value = value * 10 + (i < digits ? text_[i] - '0' : 0);
        text_.remove_prefix(digits);
        return chrono::microseconds(value);
    }

 private:
    std::string_view text_;
};

struct TimeOfDay {
    chrono::microseconds since_midnight{};
    bool leap_second = false;
};

std::optional<chrono::sys_days> read_date(Reader& reader) {
    auto const year = reader.number(4, 9999);
    if (!year || !reader.literal('-')) return std::nullopt;
    auto const month = reader.number(2, 12);
    if (!month || !reader.literal('-')) return std::nullopt;
    auto const day = reader.number(2, 31);
    if (!day) return std::nullopt;
    chrono::year_month_day const date{chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                      chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return chrono::sys_days(date);
}

std::optional<TimeOfDay> read_time(Reader& reader) {
    auto const hour = reader.number(2, 23);
    if (!hour || !reader.literal(':')) return std::nullopt;
    auto const minute = reader.number(2, 59);
    if (!minute || !reader.literal(':')) return std::nullopt;
    auto const second = reader.number(2, 60);
    if (!second) return std::nullopt;
    TimeOfDay time{chrono::hours(*hour) + chrono::minutes(*minute) + chrono::seconds(*second), *second == 60};
    if (reader.literal('.')) {
        auto const fraction = reader.fraction();
        if (!fraction) return std::nullopt;
        time.since_midnight += *fraction;
    }
    return time;
}

std::optional<chrono::minutes> read_offset(Reader& reader) {
    if (reader.literal('Z', 'z')) return chrono::minutes(0);
    bool const negative = reader.literal('-');
    if (!negative && !reader.literal('+')) return std::nullopt;
    auto const hours = reader.number(2, 23);
    if (!hours || !reader.literal(':')) return std::nullopt;
    auto const minutes = reader.number(2, 59);
    if (!minutes) return std::nullopt;
    chrono::minutes const offset = chrono::hours(*hours) + chrono::minutes(*minutes);
    return negative ? -offset : offset;
}

/// RFC 3339 section 5.7: a leap second is the last one of a month in UTC, so what follows is the first of a month.
bool follows_leap_second(Timestamp time) {
    auto const day = chrono::floor<chrono::days>(time);
    return chrono::year_month_day(day).day() == chrono::day(1) && time - day < chrono::seconds(1);
}

std::optional<Timestamp> read_timestamp(std::string_view text) {
    Reader reader(text);
    auto const date = read_date(reader);
    if (!date || !reader.literal('T', 't')) return std::nullopt;
    auto const time = read_time(reader);
    if (!time) return std::nullopt;
    auto const offset = read_offset(reader);
    if (!offset || !reader.at_end()) return std::nullopt;
    Timestamp const result = *date + time->since_midnight - *offset;
    if (result < min_timestamp() || result > max_timestamp()) return std::nullopt;
    if (time->leap_second && !follows_leap_second(result)) return std::nullopt;
    return result;
}

void append_padded(std::string& out, std::int64_t value, int digits) {
    std::string const text = std::to_string(value);
    out.append(static_cast<std::size_t>(digits) - text.size(), '0').append(text);
}

class SystemClock final : public Clock {
 public:
    Timestamp now() const override { return chrono::floor<chrono::microseconds>(chrono::system_clock::now()); }
    chrono::steady_clock::time_point steady_now() const override { return chrono::steady_clock::now(); }
};

}  // namespace

Timestamp min_timestamp() noexcept {
    return chrono::sys_days(chrono::year(1) / 1 / 1);
}

Timestamp max_timestamp() noexcept {
    return chrono::sys_days(chrono::year(9999) / 12 / 31) + chrono::days(1) - chrono::microseconds(1);
}

std::string to_string(Timestamp time) {
    time = std::clamp(time, min_timestamp(), max_timestamp());
    auto const day = chrono::floor<chrono::days>(time);
    chrono::year_month_day const date(day);
    chrono::hh_mm_ss const clock(time - day);
    std::string out;
    append_padded(out, int{date.year()}, 4);
    out.push_back('-');
    append_padded(out, unsigned{date.month()}, 2);
    out.push_back('-');
    append_padded(out, unsigned{date.day()}, 2);
    out.push_back('T');
    append_padded(out, clock.hours().count(), 2);
    out.push_back(':');
    append_padded(out, clock.minutes().count(), 2);
    out.push_back(':');
    append_padded(out, clock.seconds().count(), 2);
    if (clock.subseconds().count() != 0) {
        out.push_back('.');
        append_padded(out, clock.subseconds().count(), 6);
        out.erase(out.find_last_not_of('0') + 1);
    }
    out.push_back('Z');
    return out;
}

Result<Timestamp> parse_timestamp(std::string_view text) {
    if (auto const time = read_timestamp(text)) return *time;
    return Error{.code = Errc::invalid_argument,
                 .reason = "timestamp_malformed",
                 .message = "A timestamp looks like 2026-03-01T12:00:00Z (RFC 3339), from year 1 to year 9999."};
}

Clock::~Clock() = default;

std::shared_ptr<Clock> system_clock() {
    static std::shared_ptr<Clock> const clock = std::make_shared<SystemClock>();
    return clock;
}

}  // namespace nexpo::inline v1

// SPDX-License-Identifier: Apache-2.0
#include "net/http_date.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace nexpo::net {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};

/// Takes text from the front, as long as everything fits.
class Reader {
 public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool good() const { return good_; }
    bool done() const { return good_ && rest_.empty(); }

    bool try_literal(std::string_view expected) {
        if (!good_ || !rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    void literal(std::string_view expected) { good_ = try_literal(expected); }

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!good_ || rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
                good_ = false;
                return 0;
            }
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

    int month_name() {
        for (std::size_t i = 0; i < kMonths.size(); ++i) {
            if (try_literal(kMonths[i])) return static_cast<int>(i) + 1;
        }
        good_ = false;
        return 0;
    }

    /// The names say nothing that the date does not.
    bool day_name(bool whole) {
        return std::ranges::any_of(
            kDays, [&](std::string_view name) { return try_literal(whole ? name : name.substr(0, 3)); });
    }

 private:
    std::string_view rest_;
    bool good_ = true;
};

struct Parts {
    int year = 0;
    int month = 0;
    int day = 0;
    std::chrono::seconds time{};
};

std::chrono::seconds time_of_day(Reader& reader) {
    int const hour = reader.digits(2);
    reader.literal(":");
    int const minute = reader.digits(2);
    reader.literal(":");
    int const second = reader.digits(2);
    if (hour > 23 || minute > 59 || second > 60) reader.literal("\n");  // fits nowhere
    return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
}

std::optional<Timestamp> assemble(Parts const& parts) {
    auto const date =
        year(parts.year) / month(static_cast<unsigned>(parts.month)) / day(static_cast<unsigned>(parts.day));
    if (!date.ok()) return std::nullopt;
    Timestamp const time = std::chrono::sys_days(date) + parts.time;
    return time < min_timestamp() || time > max_timestamp() ? std::nullopt : std::optional(time);
}

/// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<Parts> imf_fixdate(std::string_view text) {
    Reader reader(text);
    if (!reader.day_name(false)) return std::nullopt;
    Parts parts;
    reader.literal(", ");
    parts.day = reader.digits(2);
    reader.literal(" ");
    parts.month = reader.month_name();
    reader.literal(" ");
    parts.year = reader.digits(4);
    reader.literal(" ");
    parts.time = time_of_day(reader);
    reader.literal(" GMT");
    return reader.done() ? std::optional(parts) : std::nullopt;
}

/// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<Parts> rfc850_date(std::string_view text) {
    Reader reader(text);
    if (!reader.day_name(true)) return std::nullopt;
    Parts parts;
    reader.literal(", ");
    parts.day = reader.digits(2);
    reader.literal("-");
    parts.month = reader.month_name();
    reader.literal("-");
    parts.year = reader.digits(2);
    reader.literal(" ");
    parts.time = time_of_day(reader);
    reader.literal(" GMT");
    return reader.done() ? std::optional(parts) : std::nullopt;
}

/// Sun Nov  6 08:49:37 1994
std::optional<Parts> asctime_date(std::string_view text) {
    Reader reader(text);
    if (!reader.day_name(false)) return std::nullopt;
    Parts parts;
    reader.literal(" ");
    parts.month = reader.month_name();
    reader.literal(" ");
    parts.day = reader.digits(reader.try_literal(" ") ? 1 : 2);
    reader.literal(" ");
    parts.time = time_of_day(reader);
    reader.literal(" ");
    parts.year = reader.digits(4);
    return reader.done() ? std::optional(parts) : std::nullopt;
}

}  // namespace

std::optional<Timestamp> parse_http_date(std::string_view text, Timestamp now) {
    if (auto const parts = imf_fixdate(text)) return assemble(*parts);
    if (auto const parts = asctime_date(text)) return assemble(*parts);
    auto parts = rfc850_date(text);
    if (!parts) return std::nullopt;
    // "more than 50 years in the future" means the past
    auto const this_year =
        static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
    parts->year += this_year / 100 * 100;
    if (parts->year > this_year + 50) parts->year -= 100;
    return assemble(*parts);
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, Timestamp now) {
    if (!value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; })) {
        constexpr std::size_t kDigits = 9;  // more would be decades
        if (value.size() > kDigits) return std::chrono::hours(24 * 365 * 30);
        std::int64_t seconds = 0;
        for (char const c : value) seconds = seconds * 10 + (c - '0');
        return std::chrono::seconds(seconds);
    }
    auto const date = parse_http_date(value, now);
    if (!date) return std::nullopt;
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(*date - now), std::chrono::milliseconds(0));
}

}  // namespace nexpo::net

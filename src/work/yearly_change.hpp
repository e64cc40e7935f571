// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nexpo::work {

/// When, each year, clocks change: a date of a POSIX TZ string with the extensions of RFC 9636 section 3.3.1.
class YearlyChange {
 public:
    /// Takes a date off the front of `text`: `Mm.w.d`, `Jn` or `n`, each with an optional `/time`.
    static std::optional<YearlyChange> take(std::string_view& text);

    /// The change of a year, on the clock that is in force until then.
    std::chrono::local_seconds in(std::chrono::year year) const;

 private:
    enum class Form : std::uint8_t { weekday, day_without_leap, day_with_leap };

    Form form_ = Form::weekday;
    int month_ = 1;
    int week_ = 1;
    int day_ = 0;
    std::chrono::seconds time_ = std::chrono::hours(2);
};

/// The last line of a TZif file, which holds for all times after the listed changes.
struct YearlyRule {
    struct Summer {
        std::chrono::seconds offset{};
        YearlyChange begin{};
        YearlyChange finish{};
    };

    std::chrono::seconds offset{};  ///< Of standard time, east of Greenwich.
    std::optional<Summer> summer{};

    static std::optional<YearlyRule> parse(std::string_view text);
};

}  // namespace nexpo::work

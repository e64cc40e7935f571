// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "work/schedule_error.hpp"
#include "work/time_of_day.hpp"

namespace nexpo::work {

/// FREQ of RFC 5545 section 3.3.10, from the shortest to the longest period.
enum class Frequency : std::uint8_t { secondly, minutely, hourly, daily, weekly, monthly, yearly };

/// What an RRULE says about times, without where it begins and ends. A part that is not given is empty.
struct RecurrencePattern {
    /// The n-th such weekday of the month or year, counted from its end when negative; each when 0.
    struct Weekday {
        std::chrono::weekday day{};
        int nth = 0;
    };
    /// Numbers from 1 on, and from -1 on, which counts from the end.
    struct Places {
        std::bitset<367> from_begin{};
        std::bitset<367> from_end{};

        bool empty() const { return from_begin.none() && from_end.none(); }
        /// Whether the place `index` (from 1 on) of `count` is named.
        bool contain(int index, int count) const {
            return from_begin.test(static_cast<std::size_t>(index)) ||
                   from_end.test(static_cast<std::size_t>(count) + 1 - static_cast<std::size_t>(index));
        }
    };

    Frequency frequency = Frequency::daily;
    std::int64_t interval = 1;
    std::chrono::weekday week_start = std::chrono::Monday;
    std::uint64_t seconds = 0, minutes = 0, hours = 0, months = 0;  ///< Bit n stands for the value n.
    std::vector<Weekday> weekdays{};
    Places month_days{}, year_days{}, weeks{};
    std::vector<int> positions{};  ///< BYSETPOS.

    /// The first time after `after` and not after `last`, of the pattern that begins with `anchor`.
    ///
    /// All work is bounded: no more than a walk over the days up to `last`. A SECONDLY, MINUTELY or HOURLY pattern
    /// whose interval misses its other parts for very long is given up after kMaxSteps steps.
    std::optional<std::chrono::local_seconds> next(std::chrono::local_seconds anchor, std::chrono::local_seconds after,
                                                   std::chrono::local_seconds last) const;

    static constexpr int kMaxSteps = 1'000'000;
};

}  // namespace nexpo::work

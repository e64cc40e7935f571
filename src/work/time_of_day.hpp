// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace nexpo::work {

/// The times of a day at which all of second, minute and hour are in their sets: bit n stands for the value n.
struct TimesOfDay {
    static constexpr std::uint64_t kAllHours = (std::uint64_t{1} << 24) - 1;
    static constexpr std::uint64_t kAllMinutes = (std::uint64_t{1} << 60) - 1;

    std::uint64_t hours = kAllHours;
    std::uint64_t minutes = kAllMinutes;
    std::uint64_t seconds = kAllMinutes;

    /// The first of these times that is not before `time`.
    std::optional<std::chrono::seconds> from(std::chrono::seconds time) const;
    /// How many there are.
    int count() const;
    /// The one with this place in their order, counted from 0.
    std::chrono::seconds at(int index) const;
};

/// The lowest value of a set that is not below `value`; -1 when there is none.
int first_from(std::uint64_t set, int value);

}  // namespace nexpo::work

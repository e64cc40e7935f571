// SPDX-License-Identifier: Apache-2.0
#include "work/time_of_day.hpp"

#include <bit>

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

int nth(std::uint64_t set, int index) {
    for (; index > 0; --index) set &= set - 1;
    return std::countr_zero(set);
}

chrono::seconds clock(int hour, int minute, int second) {
    return chrono::hours(hour) + chrono::minutes(minute) + chrono::seconds(second);
}

}  // namespace

int first_from(std::uint64_t set, int value) {
    if (value > 63) return -1;
    set &= ~std::uint64_t{0} << value;
    return set == 0 ? -1 : std::countr_zero(set);
}

std::optional<chrono::seconds> TimesOfDay::from(chrono::seconds time) const {
    auto const of_day = static_cast<int>(time.count());
    int const hour = of_day / 3600;
    int const minute = of_day / 60 % 60;
    int const first_minute = first_from(minutes, 0);
    int const first_second = first_from(seconds, 0);
    if (first_minute < 0 || first_second < 0) return std::nullopt;
    if (hour < 24 && (hours >> hour & 1) != 0) {
        if ((minutes >> minute & 1) != 0) {
            if (int const second = first_from(seconds, of_day % 60); second >= 0) return clock(hour, minute, second);
        }
        if (int const later = first_from(minutes, minute + 1); later >= 0) return clock(hour, later, first_second);
    }
    int const later = first_from(hours, hour + 1);
    if (later < 0) return std::nullopt;
    return clock(later, first_minute, first_second);
}

int TimesOfDay::count() const {
    return std::popcount(hours) * std::popcount(minutes) * std::popcount(seconds);
}

chrono::seconds TimesOfDay::at(int index) const {
    int const per_minute = std::popcount(seconds);
    int const per_hour = per_minute * std::popcount(minutes);
    return clock(nth(hours, index / per_hour), nth(minutes, index % per_hour / per_minute),
                 nth(seconds, index % per_minute));
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "nexpo/error.hpp"

namespace nexpo::work {

/// No schedule fires later: the last second of `Timestamp`'s range, as a local time.
inline constexpr std::chrono::local_seconds kLastLocalSecond =
    std::chrono::local_days(std::chrono::year(9999) / 12 / 31) + std::chrono::days(1) - std::chrono::seconds(1);

/// The refusal of a rule. `rule` is stable and names the part of the rule and what it breaks, for example
/// `minute_range` or `bymonthday_repeated`; the field is `/rule`.
Error rule_error(std::string rule, std::string message);

/// The refusal of a rule that is well formed and has no time up to the year 9999, as far as it was searched.
Error never_error();

/// The refusal of a name that the system's time zone database does not have; the field is `/time_zone`.
Error zone_error();

/// The refusal of a start outside of `Timestamp`'s range; the field is `/start_at`.
Error start_error();

}  // namespace nexpo::work

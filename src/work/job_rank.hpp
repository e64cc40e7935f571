// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "nexpo/time.hpp"

namespace nexpo::work {

/// How long a step of priority makes a job seem to have waited.
inline constexpr std::chrono::microseconds kPriorityStep = std::chrono::minutes(1);

/// The place of a job among those that are ready: the smallest is next. `since` is when it began to wait.
inline std::int64_t rank_of(Timestamp since, std::int64_t priority) {
    return (since - priority * kPriorityStep).time_since_epoch().count();
}

}  // namespace nexpo::work

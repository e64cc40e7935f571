// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "nexpo/random.hpp"
#include "nexpo/work.hpp"

namespace nexpo::work {

/// The time until the attempt after `attempt` (1 for the first): random between nothing and `backoff` doubled with each
/// attempt, at most `backoff_limit` ("full jitter", M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog,
/// 2015). With `delays`, the one of this attempt and at random up to a tenth of it. Never before `least`,
/// of which a year counts.
std::chrono::microseconds backoff(JobKind const& kind, std::int64_t attempt,
                                  std::optional<std::chrono::milliseconds> least, Random& random);

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "power_loss/write_log.hpp"
#include "support/durability/verdict.hpp"

namespace nexpo::power_loss {

struct ReplayOptions {
    std::uint64_t seed = 1;
    bool honest = true;     ///< False: syncs are taken for done by the program and do nothing.
    std::size_t every = 1;  ///< Cuts the power at one of so many places, and never at fewer than each sync's ones.
    std::size_t stop_after_violations = 0;  ///< 0: never.
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

struct ReplayResult {
    durability::Verdict verdict{};
    std::size_t places = 0;    ///< Where the power was cut.
    std::size_t images = 0;    ///< Disks that were opened and judged.
    std::size_t repeats = 0;   ///< Calls repeated with the key of the first time.
    std::size_t answered = 0;  ///< Calls answered before the last place.
    bool complete = false;     ///< The whole log was played.
};

/// Cuts the power all along the log, opens what is left, and judges it.
ReplayResult replay(WriteLog const& log, ReplayOptions const& options);

}  // namespace nexpo::power_loss

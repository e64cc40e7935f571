// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "nexpo/random.hpp"
#include "nexpo/store.hpp"
#include "telemetry/log.hpp"

namespace nexpo::work {

struct DueSchedule;

/// Queues the jobs of schedules whose time has come. The times that it has dealt with are moved on in the same
/// transaction, so that one process queues them and only once.
class Scheduler {
 public:
    Scheduler(Random& random, telemetry::Logger log) : random_(random), log_(std::move(log)) {}

    /// At most `most` jobs of as many schedules; what is left stays due.
    Result<void> fire(Transaction const& tx, Timestamp now, std::int64_t most) const;

 private:
    Result<std::int64_t> fire_one(Transaction const& tx, DueSchedule const& due, Timestamp now,
                                  std::int64_t most) const;
    Result<void> queue(Transaction const& tx, DueSchedule const& due, Timestamp time, Timestamp now) const;
    Result<void> stop(Transaction const& tx, DueSchedule const& due, Error const& error) const;

    Random& random_;
    telemetry::Logger log_;
};

}  // namespace nexpo::work

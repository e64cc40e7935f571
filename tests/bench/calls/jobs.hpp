// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "calls/backend.hpp"

namespace nexpo::bench {

/// Input and output of jobs that do nothing.
struct Nothing {
    std::int64_t number = 0;
};

StructType describe(Type<Nothing>);

/// Input of `bench.queue`, which queues so many jobs in one transaction.
struct QueueJobs {
    std::int64_t count = 1;
};

StructType describe(Type<QueueJobs>);

/// A backend with `bench.queue`, and so many threads that run its jobs, which call `ran`.
Backend open_jobs(Options const& options, std::int64_t threads, std::function<void()> ran);

}  // namespace nexpo::bench

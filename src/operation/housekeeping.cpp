// SPDX-License-Identifier: Apache-2.0
#include "operation/housekeeping.hpp"

#include "operation/idempotency.hpp"
#include "operation/outbox.hpp"

namespace nexpo::operation {

namespace {

constexpr char const* kPruneRecords = "nexpo.prune_records";

Reply<Empty> prune_records(JobRun& run, Empty const&) {
    return run.write([now = run.now()](Transaction& tx) -> Result<Empty> {
        if (auto pruned = IdempotencyRecords::prune(tx, now); !pruned) return std::move(pruned).error();
        if (auto pruned = prune_outbox(tx, now); !pruned) return std::move(pruned).error();
        return Empty{};
    });
}

}  // namespace

void add_jobs(JobTable& jobs) {
    jobs.add<Empty, Empty>({.name = kPruneRecords,
                            .summary = "Forgets answers to idempotent calls, and events, that are too old",
                            .keep = std::chrono::hours(1)},
                           prune_records);
    jobs.schedule(kPruneRecords, kPruneRecords, {.rule = "*/10 * * * *", .overlap = false}, Empty{});
}

}  // namespace nexpo::operation

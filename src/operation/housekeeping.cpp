// SPDX-License-Identifier: Apache-2.0
#include "operation/housekeeping.hpp"

#include "operation/idempotency.hpp"
#include "operation/outbox.hpp"

namespace nexpo::operation {

namespace {

constexpr char const* kPruneRecords = "nexpo.prune_records";
/// Of each in one transaction, so that nobody waits for long.
constexpr std::int64_t kMostPruned = 1'000;

Reply<Empty> prune_records(JobRun& run, Empty const&) {
    return run.write([now = run.now()](Transaction& tx) -> Result<Empty> {
        auto const answers = IdempotencyRecords::prune(tx, now, kMostPruned);
        if (!answers) return answers.error();
        auto const events = prune_outbox(tx, now, kMostPruned);
        if (!events) return events.error();
        if (*answers == kMostPruned || *events == kMostPruned) {
            if (auto more = tx.enqueue(kPruneRecords, Empty{}, {}); !more) return std::move(more).error();
        }
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

// SPDX-License-Identifier: Apache-2.0
#include "auth/housekeeping.hpp"

#include "auth/session_store.hpp"

namespace nexpo::auth {

namespace {

constexpr char const* kPruneSessions = "nexpo.prune_sessions";
/// In one transaction, so that nobody waits for long.
constexpr std::int64_t kMostPruned = 1'000;

Reply<Empty> prune_sessions(JobRun& run, Empty const&) {
    return run.write([now = run.now()](Transaction& tx) -> Result<Empty> {
        auto const pruned = SessionStore::prune(tx, now, kMostPruned);
        if (!pruned) return pruned.error();
        if (*pruned == kMostPruned) {
            if (auto more = tx.enqueue(kPruneSessions, Empty{}, {}); !more) return std::move(more).error();
        }
        return Empty{};
    });
}

}  // namespace

void add_jobs(JobTable& jobs) {
    jobs.add<Empty, Empty>(
        {.name = kPruneSessions, .summary = "Removes expired sessions", .keep = std::chrono::hours(1)}, prune_sessions);
    jobs.schedule(kPruneSessions, kPruneSessions, {.rule = "*/10 * * * *", .overlap = false}, Empty{});
}

}  // namespace nexpo::auth

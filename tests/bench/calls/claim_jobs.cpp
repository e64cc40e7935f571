// SPDX-License-Identifier: Apache-2.0
#include "calls/jobs.hpp"
#include "store/store.hpp"
#include "work/engine.hpp"

namespace nexpo::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kClaims = 200;
constexpr std::int64_t kClaimed = 16;
constexpr std::chrono::seconds kLease{3'600};

/// Ready jobs of a kind that the engine knows, queued a microsecond after each other.
constexpr char kFill[] =
    "INSERT INTO jobs (id, kind, state, priority, rank, run_at, payload, slot_limit, ordered, holds_slot, fence, "
    "attempt,"
    " first_attempt, max_attempts, cancel_requested, progress, progress_note, created_at)"
    " {{sqlite WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)}}"
    " SELECT 'job_' || n, 'bench.nothing', 'ready', 0, n, $2, $3, 1, $4, $4, 0, 0, 0, 10, $4, 0, '', $2"
    " FROM {{sqlite numbers}}{{postgresql generate_series(1, $1) AS numbers (n)}}";

}  // namespace

/// Milliseconds that it takes to claim some of so many waiting jobs; what was claimed is given back.
Delays measure_claim_jobs(Options const& options) {
    open_jobs(options, 0, [] {}).close();
    auto const clock = system_clock();
    auto const store = store::open_store({.url = options.database, .clock = clock}).value();
    store::Access const everything{store::Scope::installation()};
    store
        ->write_and_wait(everything,
                         [&](Transaction& tx, TransactionState&) -> Result<void> {
                             auto filled = tx.execute(kFill, {static_cast<std::int64_t>(options.jobs), clock->now(),
                                                              JsonText{R"({"number":1})"}, false});
                             if (!filled) return std::move(filled).error();
                             auto counted = tx.execute("ANALYZE jobs", {});
                             if (!counted) return std::move(counted).error();
                             return {};
                         })
        .value();

    auto const kinds =
        work::Kinds::make(JobTable()
                              .add<Nothing, Empty>({.name = "bench.nothing"},
                                                   [](JobRun&, Nothing const&) -> Reply<Empty> { return Empty{}; })
                              .contents())
            .value();
    telemetry::Metrics metrics;
    auto const random = system_random();
    work::JobQueue queue(kinds, store->signals(), *random);
    work::Engine engine({.store = *store,
                         .kinds = kinds,
                         .queue = queue,
                         .metrics = metrics,
                         .log = {},
                         .clock = clock,
                         .random = random,
                         .lease = kLease});
    Delays delays;
    for (int i = 0; i < kClaims; ++i) {
        auto const begin = Clock::now();
        auto const taken = engine.take(kClaimed, kLease).value();
        delays.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        engine.give_back(taken);
    }
    return delays;
}

}  // namespace nexpo::bench

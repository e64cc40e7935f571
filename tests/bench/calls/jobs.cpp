// SPDX-License-Identifier: Apache-2.0
#include "calls/jobs.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace nexpo::bench {

namespace {

using Clock = std::chrono::steady_clock;

/// Jobs in one transaction, as in one `addBulk` of BullMQ.
constexpr std::int64_t kBatch = 1'000;
/// As many batches are on their way at a time as with the peer.
constexpr std::size_t kCallers = 2;
constexpr std::int64_t kThreads = 2;
/// For whatever a job leaves to do after its handler.
constexpr std::chrono::milliseconds kRest{10};
constexpr std::size_t kLeastDelays = 20;

/// When the last `bench.queue` was committed.
std::atomic<Clock::rep> committed_at = 0;

void queue(Backend const& backend, std::int64_t count) {
    backend.as_system(kOrganization).call<Empty>("bench.queue", QueueJobs{count}).value();
}

/// Queues at least so many jobs and answers how long that took.
Work fill(Backend const& backend, std::size_t count) {
    queue(backend, kBatch);  // the organization, too
    std::atomic<std::size_t> queued = 0;
    auto const time = timed([&] {
        std::vector<std::jthread> callers;
        for (std::size_t i = 0; i < kCallers; ++i) {
            callers.emplace_back([&] {
                while (queued.fetch_add(kBatch) < count) queue(backend, kBatch);
            });
        }
    });
    return {.count = queued - kCallers * kBatch, .time = time};
}

}  // namespace

StructType describe(Type<Nothing>) {
    return structure<Nothing>("Nothing", field("number", &Nothing::number));
}

StructType describe(Type<QueueJobs>) {
    return structure<QueueJobs>("QueueJobs", field("count", &QueueJobs::count));
}

Backend open_jobs(Options const& options, std::int64_t threads, std::function<void()> ran) {
    auto config = open_config(options);
    config.threads.jobs = threads;
    config.jobs.add<Nothing, Empty>({.name = "bench.nothing"},
                                    [ran = std::move(ran)](JobRun&, Nothing const&) -> Reply<Empty> {
                                        ran();
                                        return Empty{};
                                    });
    config.operations.add<QueueJobs, Empty>(
        {.info = {.name = "bench.queue", .kind = OperationKind::mutation, .permission = "bench:write"},
         .handler = [](Call& call, QueueJobs const& input) -> Reply<Empty> {
             return call.write([count = input.count](Transaction& tx) -> Result<Empty> {
                 tx.after_commit([] { committed_at = Clock::now().time_since_epoch().count(); });
                 for (std::int64_t i = 0; i < count; ++i) {
                     auto queued = tx.enqueue("bench.nothing", Nothing{i}, {});
                     if (!queued) return std::move(queued).error();
                 }
                 return Empty{};
             });
         }});
    return Backend::open(std::move(config)).value();
}

Sides measure_enqueue_jobs(Options const& options) {
    auto const backend = open_jobs(options, 0, [] {});
    return {.ours = fill(backend, options.jobs), .theirs = {}};
}

/// From the opening of a backend until it has closed, by which time all ends are committed.
Sides measure_process_jobs(Options const& options) {
    std::size_t count = 0;
    {
        auto const backend = open_jobs(options, 0, [] {});
        count = fill(backend, options.jobs).count + kBatch;
        backend.close();
    }
    std::atomic<std::size_t> done = 0;
    std::mutex mutex;
    std::condition_variable all_done;
    auto const begin = Clock::now();
    auto const backend = open_jobs(options, kThreads, [&] {
        if (++done < count) return;
        std::lock_guard const lock(mutex);
        all_done.notify_one();
    });
    {
        std::unique_lock lock(mutex);
        all_done.wait(lock, [&] { return done >= count; });
    }
    backend.close();
    return {.ours = {.count = count, .time = Clock::now() - begin}, .theirs = {}};
}

/// Milliseconds from the commit of a job to the start of its handler; one at a time.
Delays measure_start_jobs(Options const& options) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Clock::time_point> started;
    auto const backend = open_jobs(options, kThreads, [&] {
        std::lock_guard const lock(mutex);
        started = Clock::now();
        changed.notify_one();
    });
    auto const wait_for_start = [&] {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return started.has_value(); });
        auto const at = *started;
        started.reset();
        changed.wait_for(lock, kRest, [] { return false; });
        return at;
    };
    queue(backend, 1);
    wait_for_start();
    Delays delays;
    auto const end = Clock::now() + std::chrono::duration_cast<Clock::duration>(options.time);
    while (delays.size() < kLeastDelays || Clock::now() < end) {
        queue(backend, 1);
        auto const start = wait_for_start();
        Clock::time_point const committed{Clock::duration(committed_at.load())};
        // What wakes the workers may come before what notes the time.
        delays.push_back(std::max(std::chrono::duration<double, std::milli>(start - committed).count(), 0.0));
    }
    return delays;
}

}  // namespace nexpo::bench

// SPDX-License-Identifier: Apache-2.0
#include "crypto/argon2_pool.hpp"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

namespace nexpo::crypto {
namespace {

Error closed_error() {
    return {.code = Errc::unavailable, .reason = "closed", .message = "The backend is closing."};
}

/// How long an idle worker keeps the memory of its last hash.
constexpr std::chrono::seconds kKeepMemory{1};

/// The first version of the kernel's `struct sched_attr`, whose header cannot stand beside <sched.h>.
struct SchedulingWish {
    std::uint32_t size = sizeof(SchedulingWish);
    std::uint32_t policy = SCHED_OTHER;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;  ///< Nanoseconds.
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

/// A hash takes tens of milliseconds of pure computing: whatever else the process answers goes first. Since Linux 6.12
/// a thread says besides how long it wants to run at a stretch (sched_setattr(2)): one that wakes meanwhile waits for a
/// tenth of a millisecond and not for three. Where the system refuses, hashing is merely less polite.
void yield_to_others() noexcept {
    SchedulingWish const wish{.nice = 10, .runtime = 100'000};
    static_cast<void>(syscall(SYS_sched_setattr, 0, &wish, 0));
}

}  // namespace

/// Lives on the stack of the caller that waits for it.
struct Argon2Pool::Job {
    Argon2Parameters const& parameters;
    std::string_view password;
    std::string_view salt;
    std::span<std::byte> hash;
    std::optional<Result<void>> outcome{};
    std::condition_variable finished{};

    /// Called under the lock, so that the caller cannot leave and destroy the condition variable in between.
    void finish(Result<void> result) {
        outcome = std::move(result);
        finished.notify_one();
    }
};

struct Argon2Pool::State {
    std::size_t queue_limit = 0;
    std::shared_ptr<Clock> clock;

    std::mutex mutex;
    std::condition_variable work_ready;
    std::deque<Job*> waiting;
    std::vector<std::thread> threads;
    bool closed = false;
    Argon2PoolStats stats;  // `queued` is taken from `waiting`.

    std::chrono::milliseconds retry_after() const {
        constexpr std::chrono::nanoseconds kAssumedTime = std::chrono::milliseconds(50);
        auto const each = stats.completed > 0 ? stats.mean_time : kAssumedTime;
        auto const ahead = static_cast<std::int64_t>(waiting.size()) + 1;
        auto const wait = each * ahead / static_cast<std::int64_t>(stats.workers);
        return std::max(std::chrono::ceil<std::chrono::milliseconds>(wait), std::chrono::milliseconds(1));
    }

    void measured(std::chrono::nanoseconds elapsed) {
        constexpr int kWeight = 8;
        stats.mean_time = stats.completed == 0 ? elapsed : stats.mean_time + (elapsed - stats.mean_time) / kWeight;
        ++stats.completed;
    }
};

Argon2Pool::Argon2Pool(std::shared_ptr<State> state) : state_(std::move(state)) {}

Argon2Pool::~Argon2Pool() {
    close();
}

Result<std::unique_ptr<Argon2Pool>> Argon2Pool::create(std::size_t workers, std::size_t arena_bytes, std::size_t queue,
                                                       std::shared_ptr<Clock> clock) {
    auto state = std::make_shared<State>();
    state->queue_limit = queue;
    state->clock = std::move(clock);
    state->stats.workers = workers;
    std::unique_ptr<Argon2Pool> pool(new Argon2Pool(state));
    for (std::size_t i = 0; i < workers; ++i) {
        auto arena = Argon2Arena::allocate(arena_bytes);
        if (!arena) return arena.error();
        try {
            std::lock_guard const lock(state->mutex);
            state->threads.emplace_back([state, own = std::move(*arena)]() mutable { work(*state, own); });
        } catch (std::system_error const&) {
            return Error{.code = Errc::resource_exhausted,
                         .reason = "threads_unavailable",
                         .message = "The system gave no thread for password hashing."};
        }
    }
    return pool;
}

Result<void> Argon2Pool::run(Argon2Parameters const& parameters, std::string_view password, std::string_view salt,
                             std::span<std::byte> hash) {
    auto const state = state_;
    Job job{.parameters = parameters, .password = password, .salt = salt, .hash = hash};
    std::unique_lock lock(state->mutex);
    if (state->closed) return closed_error();
    if (state->waiting.size() + state->stats.running >= state->stats.workers + state->queue_limit) {
        ++state->stats.refused;
        return Error{.code = Errc::resource_exhausted,
                     .reason = "sign_in_busy",
                     .message = "Too many sign-ins at once; try again later.",
                     .retry_after = state->retry_after()};
    }
    state->waiting.push_back(&job);
    state->work_ready.notify_one();
    job.finished.wait(lock, [&job] { return job.outcome.has_value(); });
    return std::move(*job.outcome);
}

void Argon2Pool::work(State& state, Argon2Arena& arena) {
    yield_to_others();
    auto const is_wanted = [&state] { return state.closed || !state.waiting.empty(); };
    std::unique_lock lock(state.mutex);
    for (;;) {
        if (!state.work_ready.wait_for(lock, kKeepMemory, is_wanted)) {
            lock.unlock();
            arena.release();
            lock.lock();
            state.work_ready.wait(lock, is_wanted);
        }
        if (state.waiting.empty()) return;
        auto& job = *state.waiting.front();
        state.waiting.pop_front();
        auto const bytes = job.parameters.memory_bytes();
        ++state.stats.running;
        state.stats.memory_bytes += bytes;
        state.stats.peak_memory_bytes = std::max(state.stats.peak_memory_bytes, state.stats.memory_bytes);

        lock.unlock();
        auto const start = state.clock->steady_now();
        auto outcome = argon2id(job.parameters, job.password, job.salt, arena, job.hash);
        auto const elapsed = state.clock->steady_now() - start;
        lock.lock();

        --state.stats.running;
        state.stats.memory_bytes -= bytes;
        state.measured(elapsed);
        job.finish(std::move(outcome));
    }
}

Argon2PoolStats Argon2Pool::stats() const {
    std::lock_guard const lock(state_->mutex);
    auto stats = state_->stats;
    stats.queued = state_->waiting.size();
    return stats;
}

void Argon2Pool::close() {
    std::vector<std::thread> threads;
    {
        std::lock_guard const lock(state_->mutex);
        state_->closed = true;
        for (auto* job : std::exchange(state_->waiting, {})) job->finish(closed_error());
        threads = std::exchange(state_->threads, {});
    }
    state_->work_ready.notify_all();
    for (auto& thread : threads) thread.join();
}

}  // namespace nexpo::crypto

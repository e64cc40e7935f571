// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "crypto/argon2id.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"

namespace nexpo::crypto {

/// What the pool does now and has done so far.
struct Argon2PoolStats {
    std::size_t workers = 0;
    std::size_t running = 0;
    std::size_t queued = 0;
    std::uint64_t refused = 0;             ///< Answered `sign_in_busy`.
    std::uint64_t completed = 0;           ///< Hashes computed.
    std::size_t memory_bytes = 0;          ///< In use by the running hashes.
    std::size_t peak_memory_bytes = 0;     ///< The most that was ever in use at once.
    std::chrono::nanoseconds mean_time{};  ///< Of one hash, the latest weighing most; zero before the first.
};

/// Computes Argon2id on threads of its own, each with its own block of memory, and keeps a bounded queue before them:
/// more sign-ins than the machine can hash are turned away at once instead of taking its memory and everyone's time.
/// Thread-safe.
class Argon2Pool {
 public:
    /// `arena_bytes` is the largest hash a worker can compute, `queue` how many callers may wait for a worker.
    /// Errors: resource_exhausted, when memory or threads cannot be had.
    static Result<std::unique_ptr<Argon2Pool>> create(std::size_t workers, std::size_t arena_bytes, std::size_t queue,
                                                      std::shared_ptr<Clock> clock);

    Argon2Pool(Argon2Pool const&) = delete;
    Argon2Pool& operator=(Argon2Pool const&) = delete;
    ~Argon2Pool();

    /// Blocks until `hash` is filled. Errors: resource_exhausted with reason `sign_in_busy` and `retry_after`;
    /// unavailable after `close`; internal, when the parameters do not fit.
    Result<void> run(Argon2Parameters const& parameters, std::string_view password, std::string_view salt,
                     std::span<std::byte> hash);

    Argon2PoolStats stats() const;

    /// Callers in the queue are answered `unavailable`, running hashes are finished. May be called repeatedly.
    void close();

 private:
    struct Job;
    struct State;

    explicit Argon2Pool(std::shared_ptr<State> state);
    static void work(State& state, Argon2Arena& arena);

    /// Shared with the workers and with every caller inside `run`, who may be the last to leave it.
    std::shared_ptr<State> state_;
};

}  // namespace nexpo::crypto

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/argon2_pool.hpp"
#include "crypto/argon2id.hpp"
#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/time.hpp"

namespace nexpo::crypto {

struct PasswordHasherOptions {
    std::size_t threads = 2;                                   ///< At most; the memory budget may allow fewer.
    std::size_t memory_budget_bytes = std::size_t{64} << 20u;  ///< For all hashes together.
    std::size_t queue = 64;                                    ///< Callers that may wait for a worker.
    Argon2Parameters parameters{};                             ///< Of new hashes.
    /// The costliest stored hash that is still verified. Its memory is further held to a worker's part of the budget.
    Argon2Parameters limits{.memory_kib = 65536, .iterations = 10, .lanes = 4};
};

/// Hashes passwords with Argon2id and verifies them, within a budget of threads and memory. Hashes are stored in the
/// PHC string format, which carries their parameters. Thread-safe; throws only what `Random` throws.
class PasswordHasher {
 public:
    /// Errors: invalid_argument, when the budget is below one hash or the parameters are not sound or beyond the
    /// limits; resource_exhausted, when memory or threads cannot be had.
    static Result<std::unique_ptr<PasswordHasher>> create(PasswordHasherOptions const& options,
                                                          std::shared_ptr<Random> random, std::shared_ptr<Clock> clock);

    /// A new encoded hash under a fresh salt. Blocks. Errors: resource_exhausted with reason `sign_in_busy` and
    /// `retry_after`, at once, when the queue is full; unavailable after `close`.
    Result<std::string> hash(Secret const& password);

    /// Whether the password is the one that was hashed. Blocks. Errors: as `hash`; data_loss, when `encoded` is not
    /// a hash of ours; failed_precondition, when its parameters are beyond the limits.
    Result<bool> verify(Secret const& password, std::string_view encoded);

    /// True when a password that was just verified should be hashed again, because the parameters have changed.
    bool needs_rehash(std::string_view encoded) const;

    /// An encoded hash that no password fits. Verifying against it takes an unknown account as long as a known one.
    std::string const& dummy_hash() const noexcept { return dummy_hash_; }

    Argon2PoolStats stats() const { return pool_->stats(); }

    /// Waiting callers are answered `unavailable`, running hashes are finished. The destructor does the same.
    void close() { pool_->close(); }

 private:
    PasswordHasher(PasswordHasherOptions const& options, std::shared_ptr<Random> random,
                   std::unique_ptr<Argon2Pool> pool);

    PasswordHasherOptions options_;
    std::shared_ptr<Random> random_;
    std::unique_ptr<Argon2Pool> pool_;
    std::string dummy_hash_;
};

}  // namespace nexpo::crypto

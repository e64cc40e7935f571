// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "crypto/signing_key.hpp"
#include "crypto/verification_key.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"

namespace nexpo::auth {

/// A key that signs access tokens, with the times that decide what it does (docs/decisions/0017).
struct RingKey {
    crypto::SigningKey key;
    Timestamp created_at{};          ///< Published from then on.
    Timestamp active_at{};           ///< Signs from then on, until a younger key does.
    std::int64_t token_seconds = 0;  ///< The longest life of the tokens that it signs.
};

/// The keys that this process knows of. Thread-safe.
class SigningKeyRing {
 public:
    /// What was known at one moment; never changes.
    struct Keys {
        std::vector<RingKey> all{};  ///< By the time from which they sign.
        std::vector<crypto::VerificationKey> verifying{};
    };

    explicit SigningKeyRing(std::vector<RingKey> keys);

    /// Takes the keys as this process has just changed them.
    void set(std::vector<RingKey> keys);
    /// Takes the keys as they were read after `version()` answered this, unless they have been changed since.
    bool set_if(std::uint64_t version, std::vector<RingKey> keys);
    /// Says that this process has changed the keys: what is known, or being read, is out of date.
    void outdate();
    std::uint64_t version() const;
    std::shared_ptr<Keys const> keys() const;
    /// The key that signs at this moment. Errors: unavailable (`signing_key_missing`).
    Result<crypto::SigningKey> signer(Timestamp now) const;
    /// Counts the changes that took a key away: what was verified before one may not be any more.
    std::uint32_t removals() const noexcept { return removals_.load(std::memory_order_acquire); }

 private:
    void replace(std::shared_ptr<Keys const> fresh);

    mutable std::mutex mutex_;
    std::shared_ptr<Keys const> keys_;
    std::uint64_t version_ = 0;
    std::atomic<std::uint32_t> removals_ = 0;
};

}  // namespace nexpo::auth

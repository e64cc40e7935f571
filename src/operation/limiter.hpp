// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "nexpo/time.hpp"

namespace nexpo::operation {

/// Where a caller stands within one limit.
struct LimitState {
    std::string_view name{};            ///< `address`, `identity`, `caller` or `account`.
    std::int64_t limit = 0;             ///< Calls per window.
    std::int64_t remaining = 0;         ///< Calls left now.
    std::chrono::milliseconds reset{};  ///< Until the limit is whole again, or until the next call when refused.
    bool allowed = true;
};

/// Counts calls per key with a token bucket that refills evenly over a minute, in memory of bounded size. Thread-safe.
class Limiter {
 public:
    /// `name` is a constant. A limit of 0 means none.
    Limiter(std::string_view name, std::int64_t per_minute, std::shared_ptr<Clock> clock);

    bool enabled() const noexcept { return per_minute_ > 0; }
    /// Counts one call of `key`.
    LimitState take(std::string_view key);
    /// Whether `take` would allow a call of `key` now; counts none.
    LimitState look(std::string_view key);

 private:
    using Time = std::chrono::steady_clock::time_point;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    /// The moment at which the bucket would be full again (generic cell rate algorithm): one number per key.
    using Buckets = std::unordered_map<std::string, Time, Hash, std::equal_to<>>;
    struct Shard {
        std::mutex mutex;
        Buckets buckets;
    };

    /// The state after one call more on a bucket that is full at `full_at`, which moves if the call is allowed.
    LimitState spend(Time& full_at, Time now) const;
    Shard& shard_of(std::string_view key) noexcept { return shards_[Hash{}(key) % shards_.size()]; }
    void forget_full_buckets(Buckets& buckets, Time now) const;

    std::string_view name_;
    std::int64_t per_minute_;
    std::chrono::nanoseconds step_{};
    std::shared_ptr<Clock> clock_;
    std::array<Shard, 16> shards_;
};

}  // namespace nexpo::operation

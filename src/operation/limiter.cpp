// SPDX-License-Identifier: Apache-2.0
#include "operation/limiter.hpp"

#include <algorithm>
#include <functional>

namespace nexpo::operation {

namespace {

/// Per shard. An attacker with many addresses costs memory up to here; then full buckets are forgotten, and if none is
/// full the table starts anew.
constexpr std::size_t kMaxBuckets = 4'096;
constexpr std::chrono::nanoseconds kWindow = std::chrono::minutes(1);

std::chrono::milliseconds round_up(std::chrono::nanoseconds duration) {
    return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

}  // namespace

Limiter::Limiter(std::string_view name, std::int64_t per_minute, std::shared_ptr<Clock> clock)
    : name_(name), per_minute_(per_minute), clock_(std::move(clock)) {
    if (enabled()) step_ = kWindow / per_minute_;
}

LimitState Limiter::take(std::string_view key) {
    auto const now = clock_->steady_now();
    auto& shard = shards_[Hash{}(key) % shards_.size()];
    std::lock_guard const lock(shard.mutex);

    auto found = shard.buckets.find(key);
    if (found == shard.buckets.end()) {
        if (shard.buckets.size() >= kMaxBuckets) forget_full_buckets(shard.buckets, now);
        found = shard.buckets.emplace(std::string(key), now).first;
    }
    auto const full_at = std::max(found->second, now) + step_;
    auto const wait = full_at - now - kWindow;  // positive when the bucket holds less than one call
    LimitState state{.name = name_, .limit = per_minute_};
    if (wait > std::chrono::nanoseconds::zero()) {
        state.allowed = false;
        state.reset = round_up(wait);
        return state;
    }
    found->second = full_at;
    state.remaining = (kWindow - (full_at - now)) / step_;
    state.reset = round_up(full_at - now);
    return state;
}

void Limiter::forget_full_buckets(Buckets& buckets, Time now) const {
    std::erase_if(buckets, [now](auto const& bucket) { return bucket.second <= now; });
    if (buckets.size() >= kMaxBuckets) buckets.clear();
}

}  // namespace nexpo::operation

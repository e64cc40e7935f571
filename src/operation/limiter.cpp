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
    auto& shard = shard_of(key);
    std::lock_guard const lock(shard.mutex);

    auto found = shard.buckets.find(key);
    if (found == shard.buckets.end()) {
        if (shard.buckets.size() >= kMaxBuckets) forget_full_buckets(shard.buckets, now);
        found = shard.buckets.emplace(std::string(key), now).first;
    }
    return spend(found->second, now);
}

LimitState Limiter::look(std::string_view key) {
    auto const now = clock_->steady_now();
    auto& shard = shard_of(key);
    std::lock_guard const lock(shard.mutex);
    auto const found = shard.buckets.find(key);
    auto full_at = found == shard.buckets.end() ? now : found->second;
    return spend(full_at, now);
}

LimitState Limiter::spend(Time& full_at, Time now) const {
    auto const next_full_at = std::max(full_at, now) + step_;
    auto const wait = next_full_at - now - kWindow;  // positive when the bucket holds less than one call
    LimitState state{.name = name_, .limit = per_minute_};
    if (wait > std::chrono::nanoseconds::zero()) {
        state.allowed = false;
        state.reset = round_up(wait);
        return state;
    }
    full_at = next_full_at;
    state.remaining = (kWindow - (full_at - now)) / step_;
    state.reset = round_up(full_at - now);
    return state;
}

void Limiter::forget_full_buckets(Buckets& buckets, Time now) const {
    std::erase_if(buckets, [now](auto const& bucket) { return bucket.second <= now; });
    if (buckets.size() >= kMaxBuckets) buckets.clear();
}

}  // namespace nexpo::operation

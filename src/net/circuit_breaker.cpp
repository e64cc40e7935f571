// SPDX-License-Identifier: Apache-2.0
#include "net/circuit_breaker.hpp"

#include <algorithm>

namespace nexpo::net {
namespace {

constexpr std::size_t kPruneAt = 1024;

}  // namespace

Admission CircuitBreaker::admit(CircuitPolicy const& policy, Time now) {
    Admission admission;
    if (open_) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(open_until_ - now);
        if (left.count() > 0) return {.granted = false, .retry_after = left};
        // Nobody knows how long the probe takes.
        constexpr std::chrono::milliseconds kProbe{1000};
        if (probing_) return {.granted = false, .retry_after = std::min(policy.open_for, kProbe)};
        probing_ = true;
        admission.probe = true;
    }
    ++under_way_;
    return admission;
}

bool CircuitBreaker::record(CircuitPolicy const& policy, Verdict verdict, bool probe, Time now) {
    --under_way_;
    if (probe) {
        probing_ = false;
        if (verdict == Verdict::healthy) {
            open_ = false;
            in_row_ = attempts_ = failures_ = 0;
        } else if (verdict == Verdict::failed) {
            open_until_ = now + policy.open_for;
        }
        return verdict == Verdict::failed;
    }
    // What began before the circuit opened says nothing about the time since.
    if (open_ || verdict == Verdict::unknown) return false;
    if (now - window_start_ >= policy.window) {
        window_start_ = now;
        attempts_ = failures_ = 0;
    }
    ++attempts_;
    if (verdict == Verdict::healthy) {
        in_row_ = 0;
        return false;
    }
    ++in_row_;
    ++failures_;
    open_ = fails_too_often(policy);
    if (open_) open_until_ = now + policy.open_for;
    return open_;
}

bool CircuitBreaker::fails_too_often(CircuitPolicy const& policy) const {
    return in_row_ >= policy.consecutive_failures ||
           (attempts_ >= policy.window_attempts && failures_ >= policy.failure_ratio * attempts_);
}

bool CircuitBreaker::is_idle(CircuitPolicy const& policy, Time now) const {
    return under_way_ == 0 && now - window_start_ >= policy.window && (!open_ || now >= open_until_ + policy.window);
}

Admission CircuitBreakers::admit(std::string const& peer, CircuitBreaker::Time now) {
    if (!policy_.enabled) return {};
    // Whoever may name hosts must not be able to fill the memory with them.
    if (breakers_.size() >= prune_at_) {
        std::erase_if(breakers_, [&](auto const& each) { return each.second.is_idle(policy_, now); });
        prune_at_ = std::max(kPruneAt, 2 * breakers_.size());
    }
    return breakers_[peer].admit(policy_, now);
}

bool CircuitBreakers::record(std::string const& peer, Verdict verdict, bool probe, CircuitBreaker::Time now) {
    if (!policy_.enabled) return false;
    auto const found = breakers_.find(peer);
    return found != breakers_.end() && found->second.record(policy_, verdict, probe, now);
}

}  // namespace nexpo::net

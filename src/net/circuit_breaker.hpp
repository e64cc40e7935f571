// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace nexpo::net {

struct CircuitPolicy {
    bool enabled = true;
    int consecutive_failures = 10;  ///< So many in a row open the circuit.
    double failure_ratio = 0.5;     ///< Or this part of a window's attempts, 0 to 1.
    int window_attempts = 20;       ///< That had at least so many.
    std::chrono::milliseconds window{30'000};
    std::chrono::milliseconds open_for{10'000};  ///< Then one attempt probes.
};

/// How an attempt ended, as far as the health of the peer is concerned.
enum class Verdict : std::uint8_t {
    healthy,
    failed,
    unknown,  ///< Given up by us before the peer could answer.
};

/// The answer to "may I?".
struct Admission {
    bool granted = true;
    bool probe = false;                       ///< To be given back with the verdict.
    std::chrono::milliseconds retry_after{};  ///< When not granted.
};

/// Stops attempts on a peer that keeps failing (M. Nygard, Release It!, "Circuit Breaker"): closed, open for a while,
/// then half-open, when a single probe decides. Not thread-safe.
class CircuitBreaker {
 public:
    using Time = std::chrono::steady_clock::time_point;

    /// What is granted must be followed by `record`.
    Admission admit(CircuitPolicy const& policy, Time now);

    /// True when this opened the circuit.
    bool record(CircuitPolicy const& policy, Verdict verdict, bool probe, Time now);

    /// True when nothing is under way and what it knows is old.
    bool is_idle(CircuitPolicy const& policy, Time now) const;

 private:
    bool fails_too_often(CircuitPolicy const& policy) const;
    void roll_window(CircuitPolicy const& policy, Time now);

    int in_row_ = 0;
    int attempts_ = 0;  // within the window
    int failures_ = 0;
    Time window_start_{};
    int under_way_ = 0;
    bool open_ = false;
    bool probing_ = false;
    Time open_until_{};
};

/// The breakers of all peers. Not thread-safe.
class CircuitBreakers {
 public:
    explicit CircuitBreakers(CircuitPolicy const& policy) : policy_(policy) {}

    /// As CircuitBreaker's.
    Admission admit(std::string const& peer, CircuitBreaker::Time now);
    bool record(std::string const& peer, Verdict verdict, bool probe, CircuitBreaker::Time now);

 private:
    CircuitPolicy policy_;
    std::unordered_map<std::string, CircuitBreaker> breakers_;
    std::size_t prune_at_ = 0;
};

}  // namespace nexpo::net

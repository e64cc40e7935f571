// SPDX-License-Identifier: Apache-2.0
#include "net/circuit_breaker.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo::net {
namespace {

using namespace std::chrono_literals;

/// A breaker with a clock of its own.
struct Circuit {
    CircuitPolicy policy{
        .consecutive_failures = 3, .failure_ratio = 0.5, .window_attempts = 8, .window = 30s, .open_for = 10s};
    CircuitBreaker breaker{};
    CircuitBreaker::Time now{1h};

    Admission admit() { return breaker.admit(policy, now); }
    /// One attempt from begin to end; false when it was refused.
    bool attempt(Verdict verdict) {
        auto const admission = admit();
        if (admission.granted) breaker.record(policy, verdict, admission.probe, now);
        return admission.granted;
    }
};

TEST(CircuitBreaker, OpensAfterFailuresInARow) {
    Circuit circuit;
    for (auto const verdict : {Verdict::failed, Verdict::failed, Verdict::healthy, Verdict::failed, Verdict::unknown,
                               Verdict::failed, Verdict::failed}) {
        EXPECT_TRUE(circuit.attempt(verdict));
    }
    auto const refused = circuit.admit();
    EXPECT_FALSE(refused.granted);
    EXPECT_EQ(refused.retry_after, 10s);
    circuit.now += 4s;
    EXPECT_EQ(circuit.admit().retry_after, 6s);
}

TEST(CircuitBreaker, OpensWhenTooManyOfAWindowFail) {
    Circuit circuit;
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(circuit.attempt(Verdict::healthy));
        EXPECT_TRUE(circuit.attempt(Verdict::failed));
    }
    EXPECT_FALSE(circuit.admit().granted);

    Circuit slow;
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(slow.attempt(i % 2 == 0 ? Verdict::healthy : Verdict::failed));
        slow.now += 5s;
    }
    EXPECT_TRUE(slow.admit().granted) << "no window had enough attempts";
}

TEST(CircuitBreaker, ProbesOnceAtATime) {
    Circuit circuit;
    for (int i = 0; i < 3; ++i) circuit.attempt(Verdict::failed);
    circuit.now += 10s;
    auto const probe = circuit.admit();
    EXPECT_TRUE(probe.granted);
    EXPECT_TRUE(probe.probe);
    EXPECT_FALSE(circuit.admit().granted);
    EXPECT_GT(circuit.admit().retry_after, 0ms);
    circuit.breaker.record(circuit.policy, Verdict::failed, true, circuit.now);
    EXPECT_EQ(circuit.admit().retry_after, 10s);

    circuit.now += 10s;
    EXPECT_TRUE(circuit.attempt(Verdict::unknown)) << "a probe that was given up leaves room for another";
    EXPECT_TRUE(circuit.attempt(Verdict::healthy));
    EXPECT_TRUE(circuit.attempt(Verdict::failed)) << "closed, and all is forgotten";
    EXPECT_TRUE(circuit.attempt(Verdict::failed));
}

TEST(CircuitBreaker, TakesNoLateAnswerForTheProbe) {
    Circuit circuit;
    auto const early = circuit.admit();
    for (int i = 0; i < 3; ++i) circuit.attempt(Verdict::failed);
    circuit.now += 10s;
    EXPECT_TRUE(circuit.admit().probe);
    circuit.breaker.record(circuit.policy, Verdict::healthy, early.probe, circuit.now);
    EXPECT_FALSE(circuit.admit().granted);
}

TEST(CircuitBreaker, IsKeptOnlyAsLongAsItKnowsSomething) {
    Circuit circuit;
    auto const admission = circuit.admit();
    EXPECT_FALSE(circuit.breaker.is_idle(circuit.policy, circuit.now)) << "one is under way";
    circuit.breaker.record(circuit.policy, Verdict::failed, admission.probe, circuit.now);
    EXPECT_FALSE(circuit.breaker.is_idle(circuit.policy, circuit.now));
    EXPECT_TRUE(circuit.breaker.is_idle(circuit.policy, circuit.now + 31s));
}

TEST(CircuitBreaker, KeepsPeersApartThroughPruning) {
    CircuitPolicy const policy{.consecutive_failures = 1};
    CircuitBreakers breakers(policy);
    CircuitBreaker::Time now{1h};
    EXPECT_TRUE(breakers.record("bad", Verdict::failed, breakers.admit("bad", now).probe, now));
    for (int i = 0; i < 5000; ++i) {
        auto const peer = std::to_string(i);
        EXPECT_TRUE(breakers.admit(peer, now).granted);
        breakers.record(peer, Verdict::healthy, false, now);
    }
    EXPECT_FALSE(breakers.admit("bad", now).granted);

    CircuitBreakers off({.enabled = false, .consecutive_failures = 1});
    EXPECT_FALSE(off.record("bad", Verdict::failed, off.admit("bad", now).probe, now));
    EXPECT_TRUE(off.admit("bad", now).granted);
}

}  // namespace
}  // namespace nexpo::net

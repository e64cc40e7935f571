// SPDX-License-Identifier: Apache-2.0
#include "net/retry.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "nexpo/testing/random.hpp"

namespace nexpo::net {
namespace {

using namespace std::chrono_literals;

TEST(Retry, SpreadsItsWaitsOverTheWholeRange) {
    testing::SeededRandom random(1);
    RetryPolicy const policy{.base = 100ms, .cap = 1000ms};
    struct Case {
        int attempt;
        std::chrono::milliseconds most;
    };
    for (auto const& [attempt, most] :
         {Case{0, 100ms}, Case{1, 200ms}, Case{2, 400ms}, Case{3, 800ms}, Case{4, 1000ms}, Case{1000, 1000ms}}) {
        auto lowest = most;
        auto highest = 0ms;
        auto sum = 0ms;
        constexpr int kDraws = 2000;
        for (int i = 0; i < kDraws; ++i) {
            auto const wait = full_jitter(policy, attempt, random);
            lowest = std::min(lowest, wait);
            highest = std::max(highest, wait);
            sum += wait;
        }
        EXPECT_GE(lowest, 0ms);
        EXPECT_LE(lowest, most / 20);
        EXPECT_LE(highest, most);
        EXPECT_GE(highest, most - most / 20);
        EXPECT_NEAR(static_cast<double>(sum.count()) / kDraws, static_cast<double>(most.count()) / 2,
                    static_cast<double>(most.count()) / 20);
    }
}

TEST(Retry, LetsFinalOutcomesStand) {
    testing::SeededRandom random(1);
    RetryPolicy const policy{.max_attempts = 3};
    auto const wait = [&](int attempt, Result<HttpResponse> const& outcome) {
        return retry_wait(policy, attempt, outcome, Timestamp{}, random);
    };
    EXPECT_TRUE(wait(1, HttpResponse{.status = 503}));
    EXPECT_TRUE(wait(2, HttpResponse{.status = 503}));
    EXPECT_FALSE(wait(3, HttpResponse{.status = 503}));
    EXPECT_FALSE(wait(1, HttpResponse{.status = 200}));
    EXPECT_FALSE(wait(1, HttpResponse{.status = 200, .headers = {{.name = "Retry-After", .value = "1"}}}));
    for (auto const* const reason : {"connect_failed", "connection_lost", "name_not_resolved", "proxy_failed"}) {
        EXPECT_TRUE(wait(1, Error{.reason = reason})) << reason;
    }
    for (auto const* const reason :
         {"tls_failed", "address_refused", "timed_out", "response_too_large", "circuit_open"}) {
        EXPECT_FALSE(wait(1, Error{.reason = reason})) << reason;
    }
}

TEST(Retry, AddsJitterToWhatTheServerAsks) {
    testing::SeededRandom random(1);
    RetryPolicy const policy{.base = 100ms, .max_retry_after = 60s};
    auto const wait = [&](char const* value) {
        HttpResponse const response{.status = 429, .headers = {{.name = "retry-after", .value = value}}};
        return retry_wait(policy, 1, response, Timestamp{}, random);
    };
    EXPECT_GE(wait("60"), 60s);
    EXPECT_LE(wait("60"), 60s + 100ms);
    EXPECT_FALSE(wait("61"));
    EXPECT_LE(wait("when I feel like it"), 100ms);
}

}  // namespace
}  // namespace nexpo::net

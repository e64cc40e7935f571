// SPDX-License-Identifier: Apache-2.0
#include "operation/limiter.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "nexpo/testing/clock.hpp"

namespace nexpo::operation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Limiter, AllowsAFullMinuteAtOnceAndThenRefuses) {
    auto const clock = std::make_shared<testing::ManualClock>();
    Limiter limiter("caller", 3, clock);
    for (std::int64_t const remaining : {2, 1, 0}) {
        auto const state = limiter.take("ada");
        EXPECT_TRUE(state.allowed);
        EXPECT_EQ(state.remaining, remaining);
        EXPECT_EQ(state.limit, 3);
        EXPECT_EQ(state.name, "caller");
        EXPECT_EQ(state.reset, seconds(20 * (3 - remaining)));
    }
    auto const refused = limiter.take("ada");
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_EQ(refused.reset, seconds(20));  // until the next call
}

TEST(Limiter, RefillsEvenlyWithTheClock) {
    auto const clock = std::make_shared<testing::ManualClock>();
    Limiter limiter("caller", 3, clock);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.take("ada").allowed);
    clock->advance(seconds(20) - milliseconds(1));
    auto const early = limiter.take("ada");
    EXPECT_FALSE(early.allowed);
    EXPECT_EQ(early.reset, milliseconds(1));
    clock->advance(milliseconds(1));
    EXPECT_TRUE(limiter.take("ada").allowed);
    EXPECT_FALSE(limiter.take("ada").allowed);
    clock->advance(seconds(60));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.take("ada").allowed) << i;
    EXPECT_FALSE(limiter.take("ada").allowed);
}

TEST(Limiter, RefusedCallsCostNothing) {
    auto const clock = std::make_shared<testing::ManualClock>();
    Limiter limiter("caller", 1, clock);
    EXPECT_TRUE(limiter.take("ada").allowed);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.take("ada").allowed);
    clock->advance(seconds(60));
    EXPECT_TRUE(limiter.take("ada").allowed);
}

TEST(Limiter, LooksWithoutCounting) {
    auto const clock = std::make_shared<testing::ManualClock>();
    Limiter limiter("identity", 2, clock);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.look("ada").allowed);
    EXPECT_TRUE(limiter.take("ada").allowed);
    EXPECT_TRUE(limiter.look("ada").allowed);
    EXPECT_TRUE(limiter.take("ada").allowed);
    auto const refused = limiter.look("ada");
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.name, "identity");
    EXPECT_EQ(refused.reset, seconds(30));
    EXPECT_TRUE(limiter.look("grace").allowed);
    clock->advance(seconds(30));
    EXPECT_TRUE(limiter.look("ada").allowed);
}

TEST(Limiter, CountsKeysApart) {
    Limiter limiter("caller", 1, std::make_shared<testing::ManualClock>());
    EXPECT_TRUE(limiter.take("ada").allowed);
    EXPECT_TRUE(limiter.take("grace").allowed);
    EXPECT_TRUE(limiter.take("").allowed);
    EXPECT_FALSE(limiter.take("ada").allowed);
}

TEST(Limiter, ZeroMeansOff) {
    auto const clock = std::make_shared<testing::ManualClock>();
    EXPECT_FALSE(Limiter("caller", 0, clock).enabled());
    EXPECT_TRUE(Limiter("caller", 1, clock).enabled());
}

TEST(Limiter, DoesNotMindAWallClockThatIsSetBack) {
    auto const clock = std::make_shared<testing::ManualClock>();
    Limiter limiter("caller", 1, clock);
    EXPECT_TRUE(limiter.take("ada").allowed);
    clock->set(clock->now() - std::chrono::hours(24));
    clock->advance(seconds(60));
    EXPECT_TRUE(limiter.take("ada").allowed);
}

TEST(Limiter, AllowsTheFastestConfigurableRate) {
    Limiter limiter("caller", 1'000'000'000, std::make_shared<testing::ManualClock>());
    auto const state = limiter.take("ada");
    EXPECT_TRUE(state.allowed);
    EXPECT_EQ(state.remaining, 999'999'999);
}

TEST(Limiter, StaysBoundedUnderManyKeys) {
    auto const clock = std::make_shared<testing::ManualClock>();
    Limiter limiter("address", 1, clock);
    // More keys than are kept: the newest are still counted.
    for (int i = 0; i < 100'000; ++i) limiter.take(std::to_string(i));
    EXPECT_TRUE(limiter.take("ada").allowed);
    EXPECT_FALSE(limiter.take("ada").allowed);
}

TEST(LimiterConcurrency, NeverAllowsMoreThanTheLimit) {
    Limiter limiter("caller", 100, std::make_shared<testing::ManualClock>());
    std::atomic<int> allowed = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int call = 0; call < 50; ++call) allowed += limiter.take("ada").allowed ? 1 : 0;
        });
    }
    threads.clear();
    EXPECT_EQ(allowed, 100);
}

}  // namespace

}  // namespace nexpo::operation

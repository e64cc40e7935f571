// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/queue_leases.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "nexpo/testing/clock.hpp"

namespace nexpo::drivers {

namespace {

using namespace std::chrono_literals;

TEST(QueueLeases, EndByTheClockUnlessTheyAreRenewed) {
    auto const clock = std::make_shared<testing::ManualClock>();
    QueueLeases<int> leases(clock, 60s);
    leases.add("a", 1);
    leases.add("b", 2);
    clock->advance(40s);
    EXPECT_TRUE(leases.renew("a"));
    clock->advance(20s);
    ASSERT_TRUE(leases.find("a"));
    EXPECT_EQ(*leases.find("a"), 1);
    EXPECT_FALSE(leases.find("b"));
    EXPECT_FALSE(leases.renew("b")) << "what has ended does not begin again";
    EXPECT_FALSE(leases.renew("c"));

    std::vector<int> ended;
    leases.take_ended([&](int held) { ended.push_back(held); });
    EXPECT_EQ(ended, std::vector<int>{2});
    leases.forget("a");
    EXPECT_FALSE(leases.find("a"));
}

TEST(QueueLeases, DoNotMindATimeOfDayThatIsSetBack) {
    auto const clock = std::make_shared<testing::ManualClock>();
    QueueLeases<int> leases(clock, 60s);
    leases.add("a", 1);
    clock->set(clock->now() - 24h);
    EXPECT_TRUE(leases.find("a"));
    clock->advance(60s);
    EXPECT_FALSE(leases.find("a"));
}

}  // namespace

}  // namespace nexpo::drivers

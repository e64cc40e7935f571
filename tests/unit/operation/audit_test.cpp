// SPDX-License-Identifier: Apache-2.0
#include "operation/audit.hpp"

#include <gtest/gtest.h>

#include "nexpo/testing/clock.hpp"

namespace nexpo::operation {

namespace {

Caller account(std::string id) {
    return {.kind = CallerKind::account, .account_id = std::move(id), .organization_id = "org_1"};
}

TEST(Actor, IsTheAccountOrOneWord) {
    EXPECT_EQ(actor_of(account("acc_1")), "acc_1");
    EXPECT_EQ(actor_of({.kind = CallerKind::system}), "system");
    EXPECT_EQ(actor_of({}), "anonymous");
}

TEST(DenialSums, CountCallersOperationsReasonsAndMinutesApart) {
    DenialSums sums;
    auto const minute = testing::ManualClock().now();
    for (auto const second : {0, 1, 59}) {
        sums.count(account("acc_1"), "192.0.2.1", "users.get", "permission_denied",
                   minute + std::chrono::seconds(second));
    }
    sums.count(account("acc_2"), "192.0.2.1", "users.get", "permission_denied", minute);
    sums.count(account("acc_1"), "192.0.2.1", "users.list", "permission_denied", minute);
    sums.count(account("acc_1"), "192.0.2.1", "users.get", "rate_limited", minute);
    sums.count(account("acc_1"), "192.0.2.1", "users.get", "permission_denied", minute + std::chrono::minutes(1));
    auto const rows = sums.take_before(Timestamp::max());
    ASSERT_EQ(rows.size(), 5U);
    std::int64_t total = 0;
    for (auto const& row : rows) total += row.count;
    EXPECT_EQ(total, 7);
    EXPECT_EQ(rows.back().minute, minute + std::chrono::minutes(1));
    EXPECT_EQ(rows.front().organization_id, "org_1");
    EXPECT_TRUE(sums.take_before(Timestamp::max()).empty());
}

TEST(DenialSums, TellAnonymousCallersApartByAddress) {
    DenialSums sums;
    auto const now = testing::ManualClock().now();
    sums.count({}, "192.0.2.1", "auth.login", "rate_limited", now);
    sums.count({}, "192.0.2.2", "auth.login", "rate_limited", now);
    sums.count({}, "", "auth.login", "rate_limited", now);
    auto const rows = sums.take_before(Timestamp::max());
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].actor, "anonymous");
    EXPECT_EQ(rows[1].actor, "anonymous@192.0.2.1");
    EXPECT_EQ(rows[2].actor, "anonymous@192.0.2.2");
}

TEST(DenialSums, KeepTheMinuteThatIsNotOver) {
    DenialSums sums;
    auto const minute = testing::ManualClock().now();
    sums.count({}, "", "auth.login", "rate_limited", minute - std::chrono::seconds(1));
    sums.count({}, "", "auth.login", "rate_limited", minute + std::chrono::seconds(1));
    EXPECT_EQ(sums.take_before(minute).size(), 1U);
    EXPECT_TRUE(sums.take_before(minute).empty());
    EXPECT_EQ(sums.take_before(minute + std::chrono::minutes(1)).size(), 1U);
}

TEST(DenialSums, StayBoundedUnderManyAddresses) {
    DenialSums sums;
    auto const now = testing::ManualClock().now();
    constexpr std::int64_t kCalls = 50'000;
    for (std::int64_t i = 0; i < kCalls; ++i) {
        sums.count({}, std::to_string(i), "auth.login", "rate_limited", now);
    }
    auto const rows = sums.take_before(Timestamp::max());
    EXPECT_LE(rows.size(), 10'001U);
    std::int64_t total = 0;
    for (auto const& row : rows) total += row.count;
    EXPECT_EQ(total, kCalls) << "none is lost";
}

}  // namespace

}  // namespace nexpo::operation

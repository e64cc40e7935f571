// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "integration/database.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using testing::Database;
using testing::TestBackend;

void set_back(TestBackend const& test, std::chrono::microseconds step) {
    test.clock->set(test.clock->now() - step);
}

TEST(ClockSetBack, IdsAreUniqueAlthoughTimesComeAgain) {
    TestBackend const test;
    auto const users = test.backend.as_system("acme").users();
    std::set<std::string> ids;
    for (int i = 0; i < 200; ++i) {
        ids.insert(users.create({.email = "user" + std::to_string(i) + "@example.com"}).value().id);
        i % 2 == 0 ? test.clock->advance(1ms) : set_back(test, 1ms);
    }
    EXPECT_EQ(ids.size(), 200U);
    Database const database(test);
    EXPECT_EQ(database.count("audit_entries WHERE operation <> 'audit.begin'"), 200);
    EXPECT_EQ(database.count("outbox_events"), 200);
}

TEST(ClockSetBack, SessionsGoOn) {
    for (std::chrono::microseconds const step : {std::chrono::microseconds(1s), {1h}, {24h * 400}}) {
        TestBackend const test;
        auto const tokens = test.sign_up("ada@example.com");
        auto const known = test.as(tokens);
        auto const unseen =
            test.backend.as_anonymous().auth().login({.email = "ada@example.com", .password = "correct horse"}).value();
        set_back(test, step);
        EXPECT_TRUE(known.users().me());
        auto const identified = test.backend.authenticate(Secret(unseen.access_token));
        ASSERT_TRUE(identified) << identified.error().message;
        EXPECT_TRUE(identified->users().me());
        auto const refreshed =
            test.backend.as_anonymous().auth().refresh({.refresh_token = Secret(tokens.refresh_token)});
        ASSERT_TRUE(refreshed) << refreshed.error().reason;
        EXPECT_TRUE(test.as(*refreshed).users().me());
        EXPECT_TRUE(
            test.backend.as_anonymous().auth().login({.email = "ada@example.com", .password = "correct horse"}));
    }
}

TEST(ClockSetBack, TokensStillExpire) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    set_back(test, 1h);
    test.clock->advance(1h + 900s - 1us);
    EXPECT_TRUE(test.backend.authenticate(Secret(tokens.access_token)));
    test.clock->advance(1us);
    EXPECT_FALSE(test.backend.authenticate(Secret(tokens.access_token)));
}

TEST(ClockSetBack, AUsedRefreshTokenIsNotGoodForLonger) {
    TestBackend const test;
    auto const auth = test.backend.as_anonymous().auth();
    auto const first = test.sign_up("ada@example.com");
    auto const second = auth.refresh({.refresh_token = Secret(first.refresh_token)}).value();
    set_back(test, 5s);
    EXPECT_EQ(auth.refresh({.refresh_token = Secret(first.refresh_token)})->refresh_token, second.refresh_token);
    set_back(test, 6s);
    auto const reused = auth.refresh({.refresh_token = Secret(first.refresh_token)});
    ASSERT_FALSE(reused);
    EXPECT_EQ(reused.error().reason, "refresh_token_reused");
}

TEST(ClockSetBack, ARepeatGetsTheFirstAnswer) {
    TestBackend const test;
    auto const users = test.backend.as_system("acme").with({.idempotency_key = "k"}).users();
    auto const first = users.create({.email = "ada@example.com"}).value();
    for (std::chrono::minutes const step : {std::chrono::minutes(1min), {48h}, {24h * 400}}) {
        set_back(test, step);
        auto const again = users.create({.email = "ada@example.com"});
        ASSERT_TRUE(again) << again.error().reason;
        EXPECT_EQ(again->id, first.id);
    }
    EXPECT_EQ(Database(test).count("audit_entries WHERE operation <> 'audit.begin'"), 1);
}

TEST(ClockSetBack, LimitsNeitherOpenNorStayShut) {
    TestBackend const test([](Config& config) { config.limits.account_per_minute = 3; });
    auto const login = [&] {
        return test.backend.as_anonymous().auth().login({.email = "a@example.com", .password = "wrong horse"});
    };
    for (int i = 0; i < 3; ++i) EXPECT_EQ(login().error().reason, "credentials_invalid");
    set_back(test, 1h);
    EXPECT_EQ(login().error().reason, "rate_limited");
    test.clock->advance(20s);
    EXPECT_EQ(login().error().reason, "credentials_invalid");
}

TEST(ClockSetBack, DeniedCallsAreStillWrittenOncePerMinute) {
    TestBackend const test;
    auto const deny = [&] { EXPECT_FALSE(test.backend.as_anonymous().users().list({})); };
    deny();
    set_back(test, 1h);
    auto const minute = std::chrono::floor<std::chrono::minutes>(test.clock->now());
    deny();
    test.clock->advance(2min);
    deny();
    test.backend.as_system("acme").users().create({.email = "ada@example.com"}).value();
    EXPECT_THAT(Database(test).rows<Timestamp>("SELECT minute FROM audit_denials"), Contains(Timestamp(minute)));
}

TEST(ClockSetBack, RecordsThatAreStillGoodAreNotPruned) {
    TestBackend const test;
    auto const users = test.backend.as_system("acme").with({.idempotency_key = "k"}).users();
    auto const first = users.create({.email = "ada@example.com"}).value();
    set_back(test, 1h);
    for (int i = 0; i < 3; ++i) {
        test.clock->advance(61s);
        test.backend.as_system("acme").users().create({.email = std::to_string(i) + "@example.com"}).value();
    }
    EXPECT_EQ(users.create({.email = "ada@example.com"})->id, first.id);
    EXPECT_EQ(Database(test).count("outbox_events"), 4);
}

}  // namespace

}  // namespace nexpo

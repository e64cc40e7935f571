// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <barrier>
#include <set>
#include <thread>

#include "integration/database.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using testing::Database;
using testing::TestBackend;

Result<Tokens> refresh(TestBackend const& test, std::string const& token) {
    return test.backend.as_anonymous().auth().refresh({.refresh_token = Secret(token)});
}

std::string refusal(TestBackend const& test, std::string const& token) {
    auto const refreshed = refresh(test, token);
    return refreshed ? "" : refreshed.error().reason;
}

TEST(Refresh, RotatesTheToken) {
    TestBackend const test;
    auto const first = test.sign_up("ada@example.com");
    auto const second = refresh(test, first.refresh_token).value();
    EXPECT_NE(second.refresh_token, first.refresh_token);
    EXPECT_NE(second.access_token, first.access_token);
    EXPECT_EQ(second.user_id, first.user_id);
    EXPECT_EQ(second.organization_id, first.organization_id);
    EXPECT_EQ(second.expires_in, 900);
    EXPECT_TRUE(test.as(second).users().me());
    EXPECT_TRUE(test.as(first).users().me()) << "the access token lives on";
    auto const third = refresh(test, second.refresh_token).value();
    EXPECT_NE(third.refresh_token, second.refresh_token);
    auto const rows = Database(test).audit("auth.refresh");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_TRUE(rows[0].target.starts_with("ses_"));
    EXPECT_EQ(rows[0].organization_id, first.organization_id);
}

TEST(Refresh, ARepeatWithinTenSecondsGetsTheSameToken) {
    TestBackend const test;
    auto const first = test.sign_up("ada@example.com");
    auto const second = refresh(test, first.refresh_token).value();
    for (auto const step : {seconds(0), seconds(4), seconds(6)}) {
        test.clock->advance(step);
        auto const repeated = refresh(test, first.refresh_token);
        ASSERT_TRUE(repeated);
        EXPECT_EQ(repeated->refresh_token, second.refresh_token);
        EXPECT_TRUE(test.as(*repeated).users().me());
    }
    EXPECT_TRUE(refresh(test, second.refresh_token));
}

TEST(Refresh, ALaterRepeatEndsTheWholeSession) {
    TestBackend const test;
    auto const first = test.sign_up("ada@example.com");
    auto const other =
        test.backend.as_anonymous().auth().login({.email = "ada@example.com", .password = "correct horse"});
    auto const second = refresh(test, first.refresh_token).value();
    auto const api = test.as(second);
    test.clock->advance(seconds(10) + microseconds(1));
    EXPECT_TRUE(api.users().me());

    auto const reused = refresh(test, first.refresh_token);
    ASSERT_FALSE(reused);
    EXPECT_EQ(reused.error().code, Errc::unauthenticated);
    EXPECT_EQ(reused.error().reason, "refresh_token_reused");
    EXPECT_EQ(api.users().me().error().reason, "session_ended") << "at once, although the token is remembered";
    EXPECT_EQ(refusal(test, second.refresh_token), "refresh_token_invalid");
    EXPECT_EQ(refusal(test, first.refresh_token), "refresh_token_invalid");
    EXPECT_TRUE(refresh(test, other->refresh_token)) << "another session of the same account goes on";
    auto const rows = Database(test).audit("auth.refresh");
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[1].outcome, "refresh_token_reused");
}

TEST(Refresh, AnOlderGenerationEndsTheSessionAtAnyTime) {
    TestBackend const test;
    auto const first = test.sign_up("ada@example.com");
    auto const second = refresh(test, first.refresh_token).value();
    auto const third = refresh(test, second.refresh_token).value();
    EXPECT_EQ(refusal(test, first.refresh_token), "refresh_token_reused");
    EXPECT_EQ(refusal(test, third.refresh_token), "refresh_token_invalid");
    EXPECT_FALSE(test.backend.authenticate(Secret(third.access_token)));
}

TEST(Refresh, RefusesWhatWasNeverGiven) {
    TestBackend const test;
    TestBackend const another;
    auto const tokens = test.sign_up("ada@example.com");
    auto const good = tokens.refresh_token;
    auto next = good;
    next[next.find('_', 4) + 1] = '2';
    auto flipped = good;
    flipped.back() = flipped.back() == 'A' ? 'B' : 'A';
    for (auto const& bad :
         {good.substr(0, good.size() - 1), good + "A", next, flipped, std::string("nxr_"), std::string("garbage"),
          another.sign_up("ada@example.com").refresh_token, std::string("\0\xff", 2), good.substr(0, 31)}) {
        auto const reason = refusal(test, bad);
        EXPECT_TRUE(reason == "refresh_token_invalid" || reason == "validation_failed") << bad;
    }
    EXPECT_EQ(refusal(test, ""), "validation_failed");
    EXPECT_EQ(refusal(test, std::string(513, 'n')), "validation_failed");
    EXPECT_EQ(refusal(test, tokens.access_token.substr(0, 500)), "refresh_token_invalid");
    EXPECT_EQ(Database(test).audit("auth.refresh").size(), 0U);
    EXPECT_TRUE(refresh(test, good)) << "none of this harms the session";
}

TEST(Refresh, ASessionExpiresUnlessItIsRefreshed) {
    TestBackend const test([](Config& config) {
        config.auth.session_seconds = 300;
        config.auth.access_token_seconds = 3'600;
    });
    auto const first = test.sign_up("ada@example.com");
    test.clock->advance(seconds(299));
    auto const second = refresh(test, first.refresh_token);
    ASSERT_TRUE(second);
    test.clock->advance(seconds(299));
    EXPECT_TRUE(test.as(*second).users().me());
    test.clock->advance(seconds(1));
    EXPECT_EQ(refusal(test, second->refresh_token), "refresh_token_invalid");
    EXPECT_FALSE(test.backend.authenticate(Secret(second->access_token))) << "the session ends before the token";
}

TEST(Refresh, WorksAfterARestart) {
    TestBackend test;
    auto const tokens = test.sign_up("ada@example.com");
    test.backend.close();
    test.backend = Backend::open(test.config(nullptr)).value();
    EXPECT_TRUE(test.as(tokens).users().me());
    auto const second = refresh(test, tokens.refresh_token);
    ASSERT_TRUE(second);
    EXPECT_EQ(refresh(test, tokens.refresh_token)->refresh_token, second->refresh_token);
}

TEST(RefreshConcurrency, ThirtyTwoAtOnceGetTheSameToken) {
    TestBackend const test;
    auto tokens = test.sign_up("ada@example.com");
    for (int round = 0; round < 3; ++round) {
        constexpr int kThreads = 32;
        std::barrier start(kThreads);
        std::mutex mutex;
        std::set<std::string> successors;
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                start.arrive_and_wait();
                auto const refreshed = refresh(test, tokens.refresh_token);
                ASSERT_TRUE(refreshed) << refreshed.error().reason;
                std::lock_guard const lock(mutex);
                successors.insert(refreshed->refresh_token);
            });
        }
        threads.clear();
        ASSERT_EQ(successors.size(), 1U);
        EXPECT_TRUE(test.as(tokens).users().me()) << "the session survives";
        tokens.refresh_token = *successors.begin();
    }
}

TEST(RefreshConcurrency, NothingWorksAfterALogoutInBetween) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    auto const api = test.as(tokens);
    constexpr int kThreads = 8;
    std::barrier start(kThreads + 1);
    std::mutex mutex;
    std::vector<Tokens> given;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            start.arrive_and_wait();
            auto const refreshed = refresh(test, tokens.refresh_token);
            std::lock_guard const lock(mutex);
            if (refreshed) given.push_back(*refreshed);
        });
    }
    start.arrive_and_wait();
    ASSERT_TRUE(api.auth().logout());
    threads.clear();
    for (auto const& each : given) {
        EXPECT_FALSE(test.backend.authenticate(Secret(each.access_token)));
        EXPECT_EQ(refusal(test, each.refresh_token), "refresh_token_invalid");
    }
}

}  // namespace

}  // namespace nexpo

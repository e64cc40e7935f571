// SPDX-License-Identifier: Apache-2.0
#include "auth/token_identifier.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "auth/account_store.hpp"
#include "auth/auth_service.hpp"
#include "auth/session_store.hpp"
#include "crypto/digest.hpp"
#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/log.hpp"
#include "support/access.hpp"
#include "support/test_database.hpp"

namespace nexpo::auth {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Everybody is what `role` says, unless it is empty; counts the questions.
class FakeMemberships final : public Memberships {
 public:
    Result<std::optional<Membership>> find(Read const&, std::string_view, std::string_view organization) override {
        std::lock_guard const lock(mutex_);
        ++questions_;
        if (role_.empty()) return std::optional<Membership>();
        return std::optional(Membership{"usr_1", std::string(organization), role_});
    }
    Result<Membership> found(Transaction const&, Founder const&, Timestamp) override {
        return Error{Errc::unimplemented, "unused", "unused"};
    }

    void set_role(std::string role) {
        std::lock_guard const lock(mutex_);
        role_ = std::move(role);
    }
    int questions() const {
        std::lock_guard const lock(mutex_);
        return questions_;
    }

 private:
    mutable std::mutex mutex_;
    std::string role_ = "member";
    int questions_ = 0;
};

struct TokenIdentifierTest : ::testing::Test {
    TokenIdentifierTest() {
        store->migrate(migrations()).value();
        write([&](Transaction& tx) -> Result<void> {
            AccountStore::insert(tx, "acc_1", "ada@example.com", "hash", clock->now()).value();
            return SessionStore::insert(tx, {.id = "ses_1",
                                             .account_id = "acc_1",
                                             .organization_id = "org_1",
                                             .created_at = clock->now(),
                                             .refreshed_at = clock->now(),
                                             .expires_at = clock->now() + seconds(600)});
        });
    }

    void write(std::function<Result<void>(Transaction&)> function) const {
        store
            ->write_and_wait(nexpo::testing::kEverything,
                             [&](Transaction& tx, TransactionState&) { return function(tx); })
            .value();
    }
    void end_session() const {
        write([&](Transaction& tx) { return SessionStore::end(tx, "ses_1", clock->now()); });
    }
    std::string token(std::string account = "acc_1", std::string session = "ses_1") const {
        return tokens
            .make({.account_id = std::move(account), .organization_id = "org_1", .session_id = std::move(session)},
                  clock->now())
            .value();
    }
    std::string refusal(std::string_view text) {
        auto const identity = identifier.identify(text);
        return identity ? "" : identity.error().reason;
    }

    testing::TestDatabase database;
    std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
    std::shared_ptr<testing::MemoryLog> log = std::make_shared<testing::MemoryLog>();
    std::unique_ptr<store::Store> store = store::open_store(database.options({.readers = 2, .clock = clock})).value();
    AccessTokens tokens{crypto::SigningKey::generate_es256().value(), AuthConfig{}};
    FakeMemberships memberships;
    TokenIdentifier identifier{tokens, memberships, *store, clock, telemetry::Logger(log, clock)};
};

TEST_F(TokenIdentifierTest, SaysWhoHoldsAToken) {
    auto const identity = identifier.identify(token());
    ASSERT_TRUE(identity);
    EXPECT_EQ((*identity)->caller, (Caller{.kind = CallerKind::account,
                                           .account_id = "acc_1",
                                           .user_id = "usr_1",
                                           .organization_id = "org_1",
                                           .session_id = "ses_1",
                                           .role = "member"}));
}

TEST_F(TokenIdentifierTest, AsksTheDatabaseOnceASecond) {
    auto const text = token();
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(identifier.identify(text));
    EXPECT_EQ(memberships.questions(), 1);
    clock->advance(milliseconds(999));
    EXPECT_TRUE(identifier.identify(text));
    EXPECT_EQ(memberships.questions(), 1);
    clock->advance(milliseconds(1));
    EXPECT_TRUE(identifier.identify(text));
    EXPECT_EQ(memberships.questions(), 2);
}

TEST_F(TokenIdentifierTest, LooksNoLongerThanItMay) {
    std::stop_source stop;
    stop.request_stop();
    auto const stopped = identifier.identify(token(), {.stop = stop.get_token()});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, Errc::cancelled);
}

TEST_F(TokenIdentifierTest, AsksBeforeItLooksAtWhatItDoesNotRemember) {
    int asked = 0;
    auto const identify = [&](std::string_view text, bool may) {
        auto const identity = identifier.identify(text, {}, [&]() -> Result<void> {
            ++asked;
            if (may) return {};
            return Error{Errc::resource_exhausted, "rate_limited", "not now"};
        });
        return identity ? "" : identity.error().reason;
    };
    auto const text = token();
    EXPECT_EQ(identify(text, false), "rate_limited");
    EXPECT_EQ(identify("garbage", false), "rate_limited");
    EXPECT_EQ(memberships.questions(), 0);
    EXPECT_EQ(identify(text, true), "");
    EXPECT_EQ(identify(text, false), "") << "it is remembered";
    clock->advance(seconds(1));
    EXPECT_EQ(identify(text, false), "") << "and only looked up anew";
    EXPECT_EQ(asked, 3);
    end_session();
    clock->advance(seconds(1));
    EXPECT_EQ(identify(text, false), "session_ended");
    EXPECT_EQ(identify(text, false), "rate_limited") << "what was refused is not remembered";
}

TEST_F(TokenIdentifierTest, LearnsOfChangesElsewhereWithinASecond) {
    auto const text = token();
    EXPECT_TRUE(identifier.identify(text));
    end_session();
    EXPECT_TRUE(identifier.identify(text)) << "nobody told this process yet";
    clock->advance(seconds(1));
    EXPECT_EQ(refusal(text), "session_ended");
}

TEST_F(TokenIdentifierTest, LearnsOfChangesHereAtOnce) {
    auto const text = token();
    auto const another = token();
    EXPECT_EQ(identifier.identify(text).value()->caller.role, "member");
    EXPECT_TRUE(identifier.identify(another));
    memberships.set_role("admin");
    EXPECT_EQ(identifier.identify(text).value()->caller.role, "member");
    identifier.forget("acc_1");
    EXPECT_EQ(identifier.identify(text).value()->caller.role, "admin");
    memberships.set_role("");
    identifier.forget("acc_1");
    EXPECT_EQ(refusal(text), "session_ended");
    EXPECT_EQ(refusal(another), "session_ended");
}

TEST_F(TokenIdentifierTest, RefusesWhatIsNoneOfOurs) {
    EXPECT_EQ(refusal(token("acc_1", "ses_unknown")), "session_ended");
    EXPECT_EQ(refusal(token("acc_2", "ses_1")), "session_ended") << "somebody else's session";
    EXPECT_EQ(refusal("garbage"), "token_invalid");
    EXPECT_EQ(refusal(""), "token_invalid");
    EXPECT_TRUE(log->contains("\"fault\":\"")) << "for whoever looks for the fault";
    EXPECT_FALSE(log->contains("garbage"));
}

TEST_F(TokenIdentifierTest, RefusesExpiredTokensFromItsMemoryToo) {
    auto const text = token();
    EXPECT_TRUE(identifier.identify(text));
    clock->set(clock->now() + seconds(900));  // the steady clock stands still: what is remembered is fresh
    EXPECT_EQ(refusal(text), "token_expired");
}

TEST_F(TokenIdentifierTest, RefusesSessionsThatExpiredBeforeTheirTokens) {
    auto const text = token();
    clock->advance(seconds(599));
    EXPECT_TRUE(identifier.identify(text));
    clock->advance(seconds(1));
    EXPECT_EQ(refusal(text), "session_ended");
}

TEST_F(TokenIdentifierTest, StaysRightBeyondWhatItRemembers) {
    std::vector<std::string> texts;
    for (int i = 0; i < 9'000; ++i) {
        texts.push_back(tokens
                            .make({.account_id = "acc_1",
                                   .organization_id = "org_1",
                                   .session_id = "ses_1",
                                   .token_id = std::to_string(i)},
                                  clock->now())
                            .value());
    }
    for (auto const& text : texts) ASSERT_TRUE(identifier.identify(text));
    end_session();
    identifier.forget("acc_1");
    for (auto const& text : texts) ASSERT_EQ(refusal(text), "session_ended");
}

TEST_F(TokenIdentifierTest, AnswersWhatTheDatabaseAnswers) {
    auto const text = token();
    store->close();
    auto const identity = identifier.identify(text);
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.error().code, Errc::unavailable);
}

TEST_F(TokenIdentifierTest, LearnsAnotherProcesssKeyFromItsFirstToken) {
    crypto::Sealer const sealer(crypto::Key(crypto::sha256(std::string_view("key"))), system_random());
    telemetry::Logger const logger(log, clock);
    auto const here = SigningKeyKeeper::open(*store, sealer, {}, clock, logger).value();
    auto const there = SigningKeyKeeper::open(*store, sealer, {}, clock, logger).value();
    AccessTokens const ours(here.ring(), {});
    AccessTokens const theirs(there.ring(), {});
    TokenIdentifier known_keys(ours, memberships, *store, clock, logger, &here);
    AccessToken const holder{.account_id = "acc_1", .organization_id = "org_1", .session_id = "ses_1"};
    auto const before = ours.make(holder, clock->now()).value();
    EXPECT_TRUE(known_keys.identify(before));

    clock->advance(seconds(3));
    here.refresh();
    write([&](Transaction& tx) -> Result<void> {
        there.rotate(tx, there.make_key().value(), OldKeys::revoke, clock->now()).value();
        return {};
    });
    there.refresh();
    clock->advance(seconds(1));  // too soon for a look without a reason
    auto const fresh = theirs.make(holder, clock->now()).value();
    EXPECT_TRUE(known_keys.identify(fresh)) << "an unknown key is worth a look";
    EXPECT_FALSE(known_keys.identify(before)) << "although it was seen before";
}

TEST(IdentifierConcurrency, NobodyIsKnownAfterTheChange) {
    struct Fixture : TokenIdentifierTest {
        void TestBody() override {}
    } fixture;
    auto const text = fixture.token();
    std::atomic<bool> ended = false;
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            while (!stop) {
                bool const before = ended;
                bool const known = fixture.identifier.identify(text).has_value();
                if (before && known) ++wrong;
            }
        });
    }
    fixture.end_session();
    fixture.identifier.forget("acc_1");
    ended = true;
    for (int i = 0; i < 200; ++i) EXPECT_EQ(fixture.refusal(text), "session_ended");
    stop = true;
    threads.clear();
    EXPECT_EQ(wrong, 0);
}

}  // namespace

}  // namespace nexpo::auth

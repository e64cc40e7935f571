// SPDX-License-Identifier: Apache-2.0
#include "auth/signing_key_keeper.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <set>
#include <thread>
#include <utility>

#include "auth/access_token.hpp"
#include "auth/auth_service.hpp"
#include "auth/signing_key_store.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"
#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/log.hpp"
#include "store/sql_session.hpp"
#include "support/access.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::auth {

namespace {

using std::chrono::days;
using std::chrono::seconds;

crypto::Key key_of(std::string_view text) {
    return crypto::Key(crypto::sha256(text));
}

/// Calls a function between a read and what its reader does with it.
class InterruptedStore final : public store::Store {
 public:
    InterruptedStore(store::Store& store, std::function<void()> function)
        : store_(store), function_(std::move(function)) {}

    Result<void> migrate(std::span<Migration const> migrations) override { return store_.migrate(migrations); }
    Result<void> read(store::Access const& access, store::ReadLimits const& limits, ReadFunction function) override {
        auto done = store_.read(access, limits, function);
        function_();
        return done;
    }
    void write(store::Access access, WriteClosure closure, WriteDone done) override {
        store_.write(std::move(access), std::move(closure), std::move(done));
    }
    store::StoreStats stats() const override { return store_.stats(); }
    store::Signals& signals() noexcept override { return store_.signals(); }
    void close() override { store_.close(); }

 private:
    store::Store& store_;
    std::function<void()> function_;
};

struct SigningKeyKeeperTest : ::testing::Test {
    SigningKeyKeeperTest() { store->migrate(migrations()).value(); }

    SigningKeyKeeper open(AuthConfig const& with = {}) const { return open(*store, sealer, with); }
    SigningKeyKeeper open(store::Store& at, crypto::Sealer const& under, AuthConfig const& with = {}) const {
        return SigningKeyKeeper::open(at, under, with, clock, telemetry::Logger(log, clock)).value();
    }
    /// Waits until what is queued at the store is committed.
    void settle() const {
        store->write_and_wait(testing::kEverything, [](Transaction&, TransactionState&) -> Result<void> { return {}; })
            .value();
    }
    /// What is due is done, and the next use sees it.
    void use(SigningKeyKeeper const& keeper) const {
        keeper.refresh();
        settle();
        keeper.refresh();
    }
    void look(SigningKeyKeeper const& keeper) const {
        clock->advance(seconds(3));
        use(keeper);
    }
    RingKey rotate(SigningKeyKeeper const& keeper, OldKeys old = OldKeys::retire) const {
        auto const fresh = keeper.make_key().value();
        std::optional<RingKey> made;
        std::vector<std::function<void()>> after_commit;
        store
            ->write_and_wait(testing::kEverything,
                             [&](Transaction& tx, TransactionState& state) -> Result<void> {
                                 made = keeper.rotate(tx, fresh, old, clock->now()).value();
                                 after_commit = std::move(state.after_commit);
                                 return {};
                             })
            .value();
        for (auto const& function : after_commit) function();
        return *made;
    }
    void execute(std::string_view sql) const {
        store
            ->write_and_wait(testing::kEverything,
                             [&](Transaction& tx, TransactionState&) -> Result<void> {
                                 auto const done = tx.execute(sql, {});
                                 return done ? Result<void>() : Result<void>(done.error());
                             })
            .value();
    }
    std::string signer(SigningKeyKeeper const& keeper) const {
        return keeper.ring()->signer(clock->now()).value().key_id();
    }
    static std::vector<std::string> ids(SigningKeyKeeper const& keeper) {
        std::vector<std::string> found;
        for (auto const& entry : keeper.ring()->keys()->all) found.push_back(entry.key.key_id());
        return found;
    }
    Result<std::string> sign(SigningKeyKeeper const& keeper) const {
        return AccessTokens(keeper.ring(), config)
            .make({.account_id = "acc_1", .organization_id = "org_1", .session_id = "ses_1"}, clock->now());
    }
    std::string token(SigningKeyKeeper const& keeper) const { return sign(keeper).value(); }
    bool verifies(SigningKeyKeeper const& keeper, std::string_view text) const {
        return AccessTokens(keeper.ring(), config).read(text, clock->now(), nullptr).has_value();
    }

    AuthConfig config{.access_token_seconds = 900};
    testing::TempDir directory;
    std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
    std::shared_ptr<testing::MemoryLog> log = std::make_shared<testing::MemoryLog>();
    std::unique_ptr<store::Store> store =
        store::open_store({.url = "sqlite:" + directory.file("nexpo.db"), .readers = 2, .clock = clock}).value();
    crypto::Sealer sealer{key_of("key"), system_random()};
};

TEST_F(SigningKeyKeeperTest, MakesTheFirstKeyThatSignsAtOnce) {
    auto const keeper = open();
    EXPECT_EQ(ids(keeper).size(), 1u);
    EXPECT_EQ(ids(open()), ids(keeper)) << "and keeps it";
    EXPECT_EQ(keeper.ring()->signer(clock->now()).value().algorithm(), crypto::JwsAlgorithm::es256);
    EXPECT_TRUE(verifies(keeper, token(keeper)));
}

TEST_F(SigningKeyKeeperTest, ReplacesAKeyInThreeSteps) {
    auto const keeper = open();
    auto const old = signer(keeper);
    clock->advance(days(90) - seconds(10));
    use(keeper);
    EXPECT_EQ(ids(keeper), std::vector{old}) << "not before its time";

    clock->advance(seconds(10));
    use(keeper);
    ASSERT_EQ(ids(keeper).size(), 2u) << "published";
    EXPECT_EQ(signer(keeper), old) << "but nobody knows it yet";

    clock->advance(seconds(599));
    auto const last = token(keeper);
    EXPECT_EQ(signer(keeper), old);
    clock->advance(seconds(1));
    auto const next = ids(keeper)[1];
    EXPECT_EQ(signer(keeper), next);
    EXPECT_TRUE(verifies(keeper, last)) << "the old one verifies as long as its tokens live";

    clock->advance(seconds(898));
    use(keeper);
    EXPECT_TRUE(verifies(keeper, last));
    clock->advance(seconds(61));
    use(keeper);
    EXPECT_EQ(ids(keeper).size(), 2u);
    auto const removals = keeper.ring()->removals();
    look(keeper);
    EXPECT_EQ(ids(keeper), std::vector{next}) << "then it is gone";
    EXPECT_EQ(keeper.ring()->removals(), removals + 1);
}

TEST_F(SigningKeyKeeperTest, NeverReplacesAKeyByItselfWhenToldSo) {
    auto const keeper = open({.signing_key_days = 0});
    clock->advance(days(5'000));
    use(keeper);
    EXPECT_EQ(ids(keeper).size(), 1u);
}

TEST_F(SigningKeyKeeperTest, AgreesWithOtherProcesses) {
    auto const here = open();
    auto const there = open();
    clock->advance(days(90));
    here.refresh();
    there.refresh();
    settle();
    look(here);
    look(there);
    EXPECT_EQ(ids(here).size(), 2u) << "both saw that it was time, and one key was made";
    EXPECT_EQ(ids(here), ids(there));
    clock->advance(seconds(600));
    EXPECT_EQ(signer(here), signer(there));
    EXPECT_TRUE(verifies(there, token(here)));
}

TEST_F(SigningKeyKeeperTest, RotatesWhenAsked) {
    auto const keeper = open();
    auto const old = signer(keeper);
    auto const first = rotate(keeper);
    EXPECT_EQ(first.active_at, clock->now() + seconds(600));
    look(keeper);
    EXPECT_EQ(ids(keeper), (std::vector{old, first.key.key_id()}));
    EXPECT_EQ(rotate(keeper).key.key_id(), first.key.key_id()) << "one that is under way is enough";
    clock->advance(seconds(600));
    EXPECT_EQ(signer(keeper), first.key.key_id());
    EXPECT_NE(rotate(keeper).key.key_id(), first.key.key_id());
}

TEST_F(SigningKeyKeeperTest, RevokesWhenAsked) {
    auto const keeper = open();
    auto const other = open();
    rotate(keeper);
    look(keeper);
    auto const stolen = token(keeper);
    auto const fresh = rotate(keeper, OldKeys::revoke);
    EXPECT_EQ(fresh.active_at, clock->now());
    EXPECT_EQ(ids(keeper), std::vector{fresh.key.key_id()});
    EXPECT_FALSE(verifies(keeper, stolen)) << "here at once";
    look(other);
    EXPECT_FALSE(verifies(other, stolen)) << "everywhere within seconds";
}

TEST_F(SigningKeyKeeperTest, LearnsOfARevocationBesideAKeyThatItCannotOpen) {
    auto const keeper = open();
    auto const stolen = token(keeper);
    crypto::Sealer newer(key_of("newer"), system_random());
    newer.open_also(key_of("key"));
    auto const there = open(*store, newer);
    auto const fresh = rotate(there, OldKeys::revoke);
    look(keeper);
    EXPECT_FALSE(verifies(keeper, stolen));
    EXPECT_EQ(ids(keeper), std::vector<std::string>());
    EXPECT_EQ(sign(keeper).error().reason, "signing_key_missing");
    EXPECT_TRUE(log->contains("could not be opened"));
    look(keeper);
    look(there);
    EXPECT_EQ(ids(there), std::vector{fresh.key.key_id()}) << "and it makes no key of its own";
}

TEST_F(SigningKeyKeeperTest, GoesOnWithTheKeysThatItCanOpen) {
    auto const keeper = open();
    auto const text = token(keeper);
    crypto::Sealer newer(key_of("newer"), system_random());
    newer.open_also(key_of("key"));
    auto const there = open(*store, newer);
    rotate(there);
    look(keeper);
    EXPECT_TRUE(verifies(keeper, text));
    EXPECT_TRUE(log->contains("could not be opened"));
    there.refresh();
    auto const both = ids(there);
    clock->advance(days(91));
    look(keeper);
    EXPECT_EQ(ids(open(*store, newer, {.signing_key_days = 0})), std::vector{both[1]})
        << "it makes no key beside one that it does not know";
}

TEST_F(SigningKeyKeeperTest, RevokesAKeyThatCannotBeOpened) {
    auto const keeper = open();
    auto const stolen = token(keeper);
    rotate(open());
    execute("UPDATE auth_signing_keys SET private_key = {{sqlite x'00'}}{{postgresql decode('00', 'hex')}}");
    auto const fresh = rotate(keeper, OldKeys::revoke);
    EXPECT_FALSE(verifies(keeper, stolen));
    EXPECT_EQ(ids(open()), std::vector{fresh.key.key_id()});
}

TEST_F(SigningKeyKeeperTest, MakesANewKeyWhenAllAreGone) {
    auto const keeper = open();
    auto const stolen = token(keeper);
    execute("DELETE FROM auth_signing_keys");
    clock->advance(seconds(3));
    keeper.refresh();
    EXPECT_FALSE(verifies(keeper, stolen));
    use(keeper);
    EXPECT_EQ(ids(keeper).size(), 1u);
    EXPECT_TRUE(verifies(keeper, token(keeper)));
}

TEST_F(SigningKeyKeeperTest, IsNotUndoneByALookThatARevocationOvertook) {
    std::function<void()> between;
    InterruptedStore interrupted(*store, [&] {
        if (between) std::exchange(between, nullptr)();
    });
    auto const keeper = open(interrupted, sealer);
    auto const stolen = token(keeper);
    std::optional<RingKey> fresh;
    between = [&] { fresh = rotate(keeper, OldKeys::revoke); };
    look(keeper);
    ASSERT_TRUE(fresh);
    EXPECT_FALSE(verifies(keeper, stolen));
    EXPECT_EQ(ids(keeper), std::vector{fresh->key.key_id()});
}

TEST_F(SigningKeyKeeperTest, MakesANewKeyForAnotherAlgorithm) {
    auto const before = open();
    auto const text = token(before);
    auto const keeper = open({.signing_algorithm = SigningAlgorithm::eddsa});
    ASSERT_EQ(ids(keeper).size(), 2u);
    EXPECT_EQ(open({.signing_algorithm = SigningAlgorithm::eddsa}).ring()->keys()->all.size(), 2u) << "once";
    look(before);
    EXPECT_EQ(ids(before), ids(keeper)) << "a process with the old setting does not change it back";
    clock->advance(seconds(600));
    EXPECT_EQ(keeper.ring()->signer(clock->now()).value().algorithm(), crypto::JwsAlgorithm::eddsa);
    EXPECT_TRUE(verifies(keeper, text));
    EXPECT_TRUE(verifies(before, token(keeper)));
}

TEST_F(SigningKeyKeeperTest, KeepsAKeyForTheLongestTokenItMayHaveSigned) {
    static_cast<void>(open({.access_token_seconds = 7'200}));
    auto const keeper = open({.access_token_seconds = 60});
    rotate(keeper);
    clock->advance(seconds(600 + 7'200 + 56));
    look(keeper);
    EXPECT_EQ(ids(keeper).size(), 2u);
    look(keeper);
    EXPECT_EQ(ids(keeper).size(), 1u);
}

TEST_F(SigningKeyKeeperTest, LooksForAnUnknownKeyOnceASecondAtMost) {
    auto const keeper = open();
    auto const other = open();
    clock->advance(seconds(1));
    auto const fresh = rotate(other, OldKeys::revoke);
    EXPECT_TRUE(keeper.look_for_unknown_key());
    EXPECT_EQ(ids(keeper), std::vector{fresh.key.key_id()});
    EXPECT_FALSE(keeper.look_for_unknown_key());
    clock->advance(std::chrono::milliseconds(999));
    EXPECT_FALSE(keeper.look_for_unknown_key());
    clock->advance(std::chrono::milliseconds(1));
    EXPECT_TRUE(keeper.look_for_unknown_key());
}

TEST_F(SigningKeyKeeperTest, GoesOnWithWhatItKnowsWhenTheDatabaseIsAway) {
    auto const keeper = open();
    auto const text = token(keeper);
    store->close();
    clock->advance(seconds(5));
    keeper.refresh();
    EXPECT_TRUE(verifies(keeper, text));
    EXPECT_TRUE(log->contains("could not be read"));
}

TEST_F(SigningKeyKeeperTest, SaysWhichSealingKeyIsMissing) {
    static_cast<void>(open());
    crypto::Sealer const other(key_of("other"), system_random());
    auto const refused = SigningKeyKeeper::open(*store, other, config, clock, telemetry::Logger(log, clock));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "sealing_key_unknown");
    EXPECT_NE(refused.error().message.find(sealer.key_id()), std::string::npos);
}

TEST_F(SigningKeyKeeperTest, IsSealedAnewUnderAnotherKey) {
    auto const keeper = open();
    rotate(keeper);
    crypto::Sealer other(key_of("other"), system_random());
    auto const reseal = [&](crypto::Sealer const& under) {
        Result<std::int64_t> count = 0;
        static_cast<void>(
            store->write_and_wait(testing::kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
                count = SigningKeyStore::reseal(tx, under);
                return count ? Result<void>() : Result<void>(count.error());
            }));
        return count;
    };
    EXPECT_EQ(reseal(other).error().reason, "sealing_key_unknown");
    EXPECT_EQ(reseal(sealer).value(), 0);
    other.open_also(key_of("key"));
    EXPECT_EQ(reseal(other).value(), 2);
    EXPECT_EQ(reseal(other).value(), 0) << "a second time there is nothing to do";
    crypto::Sealer const alone(key_of("other"), system_random());
    EXPECT_TRUE(SigningKeyKeeper::open(*store, alone, config, clock, telemetry::Logger(log, clock)));
}

TEST(SigningKeyConcurrency, OneKeyIsMadeHoweverManySeeThatItIsTime) {
    struct Fixture : SigningKeyKeeperTest {
        void TestBody() override {}
    } fixture;
    std::vector<SigningKeyKeeper> keepers;
    for (int i = 0; i < 4; ++i) keepers.push_back(fixture.open());
    fixture.clock->advance(days(90));
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&keeper = keepers[static_cast<std::size_t>(i) % keepers.size()], &fixture] {
                for (int turn = 0; turn < 50; ++turn) {
                    keeper.refresh();
                    static_cast<void>(keeper.look_for_unknown_key());
                    static_cast<void>(fixture.token(keeper));
                }
            });
        }
    }
    fixture.settle();
    std::set<std::vector<std::string>> views;
    for (auto const& keeper : keepers) {
        fixture.look(keeper);
        views.insert(fixture.ids(keeper));
    }
    ASSERT_EQ(views.size(), 1u);
    EXPECT_EQ(views.begin()->size(), 2u);
}

TEST(SigningKeyConcurrency, NobodyVerifiesByAnOldLook) {
    struct Fixture : SigningKeyKeeperTest {
        void TestBody() override {}
    } fixture;
    constexpr int kThreads = 4;
    std::optional<std::latch> all_here;
    InterruptedStore interrupted(*fixture.store, [&] {
        if (all_here) all_here->wait();
    });
    auto const idle = fixture.open(interrupted, fixture.sealer);
    auto const stolen = fixture.token(idle);
    fixture.rotate(fixture.open(), OldKeys::revoke);
    fixture.clock->advance(seconds(3));
    all_here.emplace(kThreads);
    std::atomic<int> verified = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                all_here->count_down();
                idle.refresh();
                if (fixture.verifies(idle, stolen)) ++verified;
            });
        }
    }
    EXPECT_EQ(verified, 0);
}

}  // namespace

}  // namespace nexpo::auth

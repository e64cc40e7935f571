// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "integration/postgresql/server_store.hpp"

namespace nexpo::inline v1::testing {

namespace {

/// What one listener has heard.
class Ear {
 public:
    Ear(ServerStore const& store, std::string topic)
        : listening_(store->signals().listen(std::move(topic), [this](std::string_view payload) {
              std::lock_guard const lock(mutex_);
              heard_.emplace(payload);
              ++count_;
          })) {}

    bool heard(std::string const& payload) const {
        std::lock_guard const lock(mutex_);
        return heard_.contains(payload);
    }
    std::size_t count() const {
        std::lock_guard const lock(mutex_);
        return count_;
    }

 private:
    mutable std::mutex mutex_;
    std::set<std::string> heard_;
    std::size_t count_ = 0;
    store::Signals::Listening listening_;
};

TEST(PostgresSignals, AreHeardByOthersOnTheDatabaseAndByNobodyElse) {
    PostgresDatabase const database;
    PostgresDatabase const elsewhere;
    ServerStore const sender({.url = database.url("nexpo_owner")});
    ServerStore const receiver({.url = database.url("nexpo_owner")});
    ServerStore const stranger({.url = elsewhere.url("nexpo_owner")});
    Ear const own(sender, "work");
    Ear const ear(receiver, "work");
    Ear const other_topic(receiver, "workers");
    Ear const stranger_ear(stranger, "work");
    // Each is told once that it listens now, and may have missed something.
    ASSERT_TRUE(eventually([&] { return ear.heard("") && stranger_ear.heard("") && other_topic.heard(""); }));
    std::string const odd = "a \"b\" \\ 'c' \xC3\xA4";
    sender->signals().send("work", odd);
    EXPECT_TRUE(own.heard(odd)) << "at once, on this thread";
    ASSERT_TRUE(eventually([&] { return ear.heard(odd); }));
    stranger->signals().send("work", "end");
    ASSERT_TRUE(stranger_ear.heard("end"));
    EXPECT_FALSE(stranger_ear.heard(odd));
    EXPECT_FALSE(other_topic.heard(odd));
    EXPECT_FALSE(own.heard("end"));
}

TEST(PostgresSignals, AreNotHeardTwiceByTheirSender) {
    PostgresDatabase const database;
    ServerStore const store({.url = database.url("nexpo_owner")});
    ServerStore const other({.url = database.url("nexpo_owner")});
    Ear const ear(store, "work");
    Ear const last(store, "last");
    ASSERT_TRUE(eventually([&] { return ear.heard("") && last.heard(""); }));
    store->signals().send("work", "once");
    // Whatever the server sends back to the sender of the first comes before this.
    Ear const witness(other, "work");
    ASSERT_TRUE(eventually([&] { return witness.heard(""); }));
    ASSERT_TRUE(eventually([&] {
        store->signals().send("work", "again");
        return witness.heard("again");
    }));
    other->signals().send("last", "last");
    ASSERT_TRUE(eventually([&] { return last.heard("last"); }));
    std::size_t const before = ear.count();
    store->signals().send("work", "again");
    EXPECT_EQ(ear.count(), before + 1);
}

TEST(PostgresSignals, GoOnAfterTheServerWasRestarted) {
    PostgresServer const server;
    PostgresDatabase const database(server.directory());
    ServerStore const sender({.url = database.url("nexpo_owner")});
    ServerStore const receiver({.url = database.url("nexpo_owner")});
    Ear const ear(receiver, "work");
    ASSERT_TRUE(eventually([&] { return ear.heard(""); }));
    auto const before = ear.count();
    server.stop("immediate");
    sender->signals().send("work", "while it is away");
    server.start();
    EXPECT_TRUE(eventually([&] { return ear.count() > before; })) << "anything may have changed meanwhile";
    EXPECT_TRUE(eventually([&] {
        sender->signals().send("work", "after");
        return ear.heard("after");
    }));
}

TEST(PostgresSignals, MoreThanCanWaitBecomeOneForEachTopic) {
    PostgresServer const server;
    PostgresDatabase const database(server.directory());
    ServerStore const sender({.url = database.url("nexpo_owner")});
    ServerStore const receiver({.url = database.url("nexpo_owner")});
    Ear const ear(receiver, "work");
    ASSERT_TRUE(eventually([&] { return ear.heard(""); }));
    auto const before = ear.count();
    server.freeze();
    for (int i = 0; i < 100'000; ++i) sender->signals().send("work", std::to_string(i));
    server.thaw();
    ASSERT_TRUE(eventually([&] { return ear.count() > before; }));
    ASSERT_TRUE(eventually([&] {
        sender->signals().send("work", "last");
        return ear.heard("last");
    }));
    EXPECT_LT(ear.count(), before + 50'000);
}

TEST(PostgresSignals, StayInTheProcessBehindAPooler) {
    PostgresDatabase const database;
    ServerStore const sender({.url = database.url("nexpo_owner", "prepare=off")});
    Ear const ear(sender, "work");
    sender->signals().send("work", "here");
    EXPECT_TRUE(ear.heard("here"));
    EXPECT_EQ(database.run("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = '" +
                           database.name() + "'"),
              "0");
}

TEST(PostgresSignals, AServerThatStandsStillDoesNotHoldUpTheEnd) {
    PostgresServer const server;
    PostgresDatabase const database(server.directory());
    auto store = std::make_unique<ServerStore>(store::StoreOptions{.url = database.url("nexpo_owner")});
    {
        Ear const ear(*store, "work");
        ASSERT_TRUE(eventually([&] { return ear.heard(""); }));
        server.freeze();
        (*store)->signals().send("work", "unanswered");
    }
    auto const begun = std::chrono::steady_clock::now();
    (*store)->signals().close();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
    server.thaw();
}

}  // namespace

}  // namespace nexpo::inline v1::testing

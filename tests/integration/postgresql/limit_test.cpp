// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "integration/postgresql/server_store.hpp"
#include "support/test_pgbouncer.hpp"

namespace nexpo::inline v1::testing {

namespace {

using namespace std::chrono_literals;

constexpr auto kSleep = "SELECT true FROM pg_sleep(60)";

/// Keeps everybody else from the table `items`.
class HeldLock {
 public:
    explicit HeldLock(std::string const& url) : store_({.url = url, .writers = 1}) {
        store_->write(
            kEverything,
            [this, end = end_.get_future().share()](Transaction& tx, TransactionState&) -> Result<void> {
                auto locked = tx.execute("LOCK TABLE items", {});
                held_.set_value();
                end.wait();
                return locked ? Result<void>() : locked.error();
            },
            [this](Result<void> const& done) { done_.set_value(done.has_value()); });
        held_.get_future().wait();
    }
    HeldLock(HeldLock const&) = delete;
    HeldLock& operator=(HeldLock const&) = delete;
    ~HeldLock() {
        end_.set_value();
        EXPECT_TRUE(done_.get_future().get());
    }

 private:
    std::promise<void> held_;
    std::promise<void> end_;
    std::promise<bool> done_;
    ServerStore store_;
};

Result<void> sleep_in_write(ServerStore const& store) {
    return store->write_and_wait(kEverything, [](Transaction& tx, TransactionState&) -> Result<void> {
        auto slept = tx.one<bool>(kSleep, {});
        return slept ? Result<void>() : slept.error();
    });
}

void expect_busy(Result<void> const& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::unavailable);
    EXPECT_EQ(result.error().reason, "database_busy");
    EXPECT_TRUE(result.error().retry_after);
}

TEST(PostgresLimits, ALockIsWaitedForOnlySoLong) {
    PostgresDatabase const database;
    PgBouncer const pooler(PostgresServer::shared_directory(), "pool_mode = transaction");
    HeldLock const lock(database.url("nexpo_owner"));
    for (auto const& url : {database.url("nexpo_owner"), pooler.url("nexpo_owner", database.name(), "prepare=off"),
                            database.url("nexpo_owner", "options=-c%20work_mem%3D8MB")}) {
        ServerStore const store({.url = url, .busy_timeout = 100ms});
        expect_busy(store.add("a"));
        auto const read = store.count();
        expect_busy(read ? Result<void>() : read.error());
    }
}

TEST(PostgresLimits, TheOperatorsOwnHold) {
    PostgresDatabase const database;
    auto const url = [&](std::string const& options) { return database.url("nexpo_owner", "options=-c%20" + options); };
    {
        HeldLock const lock(database.url("nexpo_owner"));
        for (auto const* prepare : {"", "&prepare=off"}) {
            ServerStore const store({.url = url("lock_timeout%3D100") + prepare, .busy_timeout = 1h});
            expect_busy(store.add("a"));
        }
    }
    expect_busy(sleep_in_write(ServerStore({.url = url("statement_timeout%3D100")})));
    database.run("ALTER DATABASE " + database.name() + " SET statement_timeout = 100");
    ServerStore const store({.url = database.url("nexpo_owner")});
    expect_busy(sleep_in_write(store));
    EXPECT_EQ(store.one<bool>(kSleep).error().reason, "database_busy");
}

TEST(PostgresLimits, ASilentServerHoldsNoWriterForEver) {
    PostgresServer const server;
    ServerStore const store(
        {.url = server.url("postgres", "postgres", "connect_timeout=1"), .answer_timeout = 200ms, .writers = 2});
    ASSERT_TRUE(store.add("a"));
    server.freeze();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(store.add("b").error().reason, "database_unavailable");
    server.thaw();
    EXPECT_TRUE(eventually([&] { return store.add("b").has_value(); }));
}

TEST(PostgresLimits, ACommitThatIsNotAnsweredIsUnknown) {
    PostgresServer const server;
    ServerStore const store({.url = server.url("postgres", "postgres"), .answer_timeout = 200ms, .writers = 1});
    int runs = 0;
    auto const done = store->write_and_wait(kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
        auto inserted = tx.execute("INSERT INTO items VALUES ('a')", {});
        ++runs;
        server.freeze();
        return inserted ? Result<void>() : inserted.error();
    });
    server.thaw();
    EXPECT_EQ(done.error().reason, "commit_unknown");
    EXPECT_EQ(runs, 1);
}

TEST(PostgresLimits, ClosingEndsWhateverTheServerDoes) {
    PostgresServer const server;
    ServerStore const store(
        {.url = server.url("postgres", "postgres", "connect_timeout=1"), .answer_timeout = 200ms, .writers = 2});
    ASSERT_TRUE(store.add("a"));
    server.freeze();
    std::atomic<int> answered = 0;
    for (int i = 0; i < 1'000; ++i) {
        store->write(
            kEverything,
            [](Transaction& tx, TransactionState&) -> Result<void> {
                auto inserted = tx.execute("INSERT INTO items VALUES ('b')", {});
                return inserted ? Result<void>() : inserted.error();
            },
            [&](Result<void> const& done) {
                EXPECT_EQ(done.error().code, Errc::unavailable);
                ++answered;
            });
    }
    auto const started = std::chrono::steady_clock::now();
    store->close();
    server.thaw();
    EXPECT_EQ(answered, 1'000);
    EXPECT_LT(std::chrono::steady_clock::now() - started, 20s);
}

}  // namespace

}  // namespace nexpo::inline v1::testing

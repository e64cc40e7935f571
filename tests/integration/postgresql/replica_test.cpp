// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/postgresql/server_store.hpp"

namespace nexpo::inline v1::testing {

namespace {

using namespace std::chrono_literals;

constexpr auto kWhere = "SELECT pg_is_in_recovery()";

class PostgresReplica : public ::testing::Test {
 protected:
    store::StoreOptions options(std::chrono::milliseconds lag) const {
        return {.url = primary.url("postgres", "postgres"),
                .readers = 2,
                .writers = 2,
                .replica_urls = {replica.url("postgres", "postgres")},
                .replica_lag = lag};
    }
    static bool reads_replica(ServerStore const& store, std::string const& caller) {
        auto const where = store.one<bool>(kWhere, caller);
        EXPECT_TRUE(where) << where.error().message;
        return where && *where;
    }

    void pause_replay() const {
        replica.run("SELECT pg_wal_replay_pause()");
        ASSERT_TRUE(eventually([&] { return replica.run("SELECT pg_get_wal_replay_pause_state()") == "paused"; }));
    }

    PostgresServer primary{{"wal_level=replica"}};
    PostgresServer replica = PostgresServer::standby_of(primary);
};

TEST_F(PostgresReplica, ReadsOfKnownCallersGoThere) {
    ServerStore const store(options(5s));
    EXPECT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    EXPECT_FALSE(reads_replica(store, "")) << "who has no name is not followed";
}

TEST_F(PostgresReplica, ACallerSeesWhatItWrote) {
    ServerStore const store(options(60s));
    ASSERT_TRUE(store.add("first"));
    ASSERT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(store.add(std::to_string(i), "acc_1"));
        ASSERT_EQ(store.count("acc_1").value(), i + 2);
    }
    EXPECT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));

    pause_replay();
    ASSERT_TRUE(store.add("unseen", "acc_1"));
    for (int i = 0; i < 20; ++i) {
        EXPECT_FALSE(reads_replica(store, "acc_1")) << "until the replica has replayed it";
        EXPECT_EQ(store.count("acc_1").value(), 202);
    }
    EXPECT_TRUE(reads_replica(store, "acc_2")) << "others may see the past for a while";
    replica.run("SELECT pg_wal_replay_resume()");
    EXPECT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    EXPECT_EQ(store.count("acc_1").value(), 202);
}

TEST_F(PostgresReplica, WhatSomebodyWithoutANameWroteIsSeenByAll) {
    ServerStore const store(options(60s));
    ASSERT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    pause_replay();
    ASSERT_TRUE(store.add("1"));
    EXPECT_EQ(store.count("acc_1").value(), 1);
    EXPECT_EQ(store.count("acc_2").value(), 1);
}

TEST_F(PostgresReplica, WhatWasWrittenForAnOrganizationIsSeenByIt) {
    ServerStore const store(options(60s));
    ASSERT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    pause_replay();
    for (auto const* caller : {"", "acc_1"}) {
        ASSERT_TRUE(store->write_and_wait({store::Scope::installation(), caller},
                                          [&](Transaction& tx, TransactionState&) -> Result<void> {
                                              tx.audit_organization("acc_2");
                                              auto done = tx.execute("INSERT INTO items VALUES ($1)", {caller});
                                              return done ? Result<void>() : done.error();
                                          }));
        EXPECT_EQ(store.count("acc_2").value(), *caller == 0 ? 1 : 2);
        EXPECT_TRUE(reads_replica(store, "acc_3"));
    }
    EXPECT_EQ(store.count("acc_1").value(), 2);
}

TEST_F(PostgresReplica, AWriteIsDoneThoughItsPositionIsUnknown) {
    primary.run("CREATE DATABASE app OWNER nexpo_owner");
    primary.run("REVOKE EXECUTE ON FUNCTION pg_current_wal_insert_lsn() FROM PUBLIC", "app");
    auto configured = options(60s);
    configured.url = primary.url("nexpo_owner", "app");
    configured.replica_urls = {replica.url("nexpo_owner", "app")};
    ServerStore const store(configured);
    ASSERT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    pause_replay();
    auto const added = store.add("1", "acc_1");
    EXPECT_TRUE(added) << added.error().message;
    EXPECT_EQ(store.count("acc_1").value(), 1);
    EXPECT_TRUE(reads_replica(store, "acc_2"));
    replica.run("SELECT pg_wal_replay_resume()");
    EXPECT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    EXPECT_EQ(store.count("acc_1").value(), 1);
}

TEST_F(PostgresReplica, AReadThatItEndsMayBeRepeated) {
    replica.run("ALTER SYSTEM SET max_standby_streaming_delay = 0");
    replica.run("SELECT pg_reload_conf()");
    ServerStore const store(options(60s));
    ASSERT_TRUE(store.add("1"));
    Result<void> ended;
    ASSERT_TRUE(eventually([&] {
        bool there = false;
        ended = store->read({store::Scope::installation(), "acc_1"}, {}, [&](Read& read) -> Result<void> {
            there = **read.one<bool>(kWhere, {});
            if (auto counted = read.one<std::int64_t>("SELECT count(*) FROM items", {}); !counted || !there) return {};
            primary.run("TRUNCATE items");
            auto slept = read.one<bool>("SELECT true FROM pg_sleep(60)", {});
            return slept ? Result<void>() : slept.error();
        });
        return there;
    }));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Errc::unavailable) << ended.error().message;
    EXPECT_TRUE(ended.error().retry_after);
}

TEST_F(PostgresReplica, ACallersHasteIsNotItsFault) {
    ServerStore const store(options(60s));
    ASSERT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    pause_replay();
    ASSERT_TRUE(store.add("1", "acc_1"));
    for (int i = 0; i < 100; ++i) {
        auto const late = std::chrono::steady_clock::now() - 1ms;
        EXPECT_FALSE(store.one<int>("SELECT 1", "acc_1", {.deadline = late}));
        ASSERT_TRUE(reads_replica(store, "acc_2"));
    }
}

TEST_F(PostgresReplica, OneThatLagsIsNotReadFrom) {
    ServerStore const store(options(500ms));
    ASSERT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    replica.run("SELECT pg_wal_replay_pause()");
    EXPECT_TRUE(eventually([&] {
        static int i = 0;
        EXPECT_TRUE(store.add("w" + std::to_string(++i)));
        return !reads_replica(store, "acc_1");
    }));
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(reads_replica(store, "acc_1"));
    replica.run("SELECT pg_wal_replay_resume()");
    EXPECT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
}

TEST_F(PostgresReplica, OneThatIsAwayIsNotMissed) {
    ServerStore const store(options(60s));
    ASSERT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
    replica.stop("immediate");
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(reads_replica(store, "acc_1"));
    replica.start();
    EXPECT_TRUE(eventually([&] { return reads_replica(store, "acc_1"); }));
}

TEST_F(PostgresReplica, APrimaryIsNoReplica) {
    auto const other = options(5s);
    ServerStore const store({.url = other.url, .replica_urls = {other.url}});
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(reads_replica(store, "acc_1"));
}

}  // namespace

}  // namespace nexpo::inline v1::testing

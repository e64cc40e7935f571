// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sys/socket.h>

#include "integration/postgresql/server_store.hpp"
#include "store/postgresql/pg_connection.hpp"
#include "store/sql_session.hpp"

namespace nexpo::inline v1::testing {

namespace {

/// Runs one statement in a write.
Result<void> execute(ServerStore const& store, std::string const& sql) {
    return store->write_and_wait(kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
        auto done = tx.execute(sql, {});
        return done ? Result<void>() : done.error();
    });
}

TEST(PostgresSession, AnApplicationMayMakeUpItsStatements) {
    PostgresDatabase const database;
    for (auto const* parameters : {"", "prepare=off"}) {
        ServerStore const store({.url = database.url("nexpo_owner", parameters), .readers = 1, .writers = 1});
        for (int i = 0; i < 1'200; ++i) {
            auto const number = std::to_string(i);
            auto const written = execute(store, "DELETE FROM items WHERE name = '" + number + "'");
            ASSERT_TRUE(written) << number << written.error().message;
            auto const read = store.one<int>("SELECT CAST(" + number + " AS integer)");
            ASSERT_TRUE(read) << number << read.error().message;
        }
    }
}

TEST(PostgresSession, OnlyWritesThatLockTheirRowsGoWithoutLookingForConflicts) {
    PostgresDatabase const database;
    ServerStore const store({.url = database.url("nexpo_owner"), .writers = 1});
    for (bool const locks : {true, false, true}) {
        std::optional<std::string> isolation;
        auto const written =
            store->write_and_wait({.scope = store::Scope::installation(), .locks_rows = locks},
                                  [&](Transaction& tx, TransactionState&) -> Result<void> {
                                      isolation = tx.one<std::string>("SHOW transaction_isolation", {}).value();
                                      return {};
                                  });
        ASSERT_TRUE(written);
        EXPECT_EQ(isolation, locks ? "read committed" : "serializable");
    }
}

TEST(PostgresSession, AFailureThatNobodyWaitedForIsNotTheNextOnes) {
    PostgresDatabase const database;
    for (auto const* parameters : {"", "prepare=off"}) {
        ServerStore const store({.url = database.url("nexpo_owner", parameters), .writers = 1});
        database.run("INSERT INTO items VALUES ('there') ON CONFLICT DO NOTHING");
        for (auto const* failing : {"INSERT INTO items VALUES ('there')", "INSERT INTO nowhere VALUES (1)"}) {
            auto const given_up =
                store->write_and_wait(kEverything, [&](Transaction& tx, TransactionState& state) -> Result<void> {
                    if (auto first = tx.one<int>("SELECT 1", {}); !first) return first.error();
                    if (auto sent = state.session.execute_later(failing, {}); !sent) return sent;
                    return Error{Errc::permission_denied, "changed_my_mind", ""};
                });
            EXPECT_EQ(given_up.error().reason, "changed_my_mind");
            auto const next = execute(store, "DELETE FROM items WHERE name = 'other'");
            EXPECT_TRUE(next) << next.error().reason;
        }
        auto const failed = execute(store, "INSERT INTO nowhere VALUES (1)");
        EXPECT_EQ(failed.error().code, Errc::internal) << "what failed unseen is not taken for prepared";
    }
}

TEST(PostgresSession, ATableThatChangesDuringAReadIsNoFault) {
    PostgresDatabase const database;
    ServerStore const store({.url = database.url("nexpo_owner"), .readers = 1});
    constexpr auto kAll = "SELECT * FROM items LIMIT 1";
    ASSERT_TRUE(store.add("a"));
    ASSERT_TRUE(store.one<std::string>(kAll));
    auto const changed = store->read(kEverything, {}, [&](Read& read) -> Result<void> {
        if (auto first = read.one<int>("SELECT 1", {}); !first) return first.error();
        database.run("ALTER TABLE items ADD COLUMN more text");
        auto all = read.one<std::string>(kAll, {});
        return all ? Result<void>() : all.error();
    });
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().reason, "database_unavailable") << changed.error().message;
    EXPECT_TRUE(changed.error().retry_after);
    EXPECT_EQ(store.one<std::string>(kAll).value(), "a");
}

TEST(PostgresSession, OneThatIsLostWhileItIsSetUpIsNotUsed) {
    PostgresDatabase const database;
    auto const url = store::PgUrl::parse(database.url("nexpo_owner"), "/database").value();
    auto const server = std::make_shared<store::PgServer>(url, store::PgUse::write, std::chrono::seconds(30),
                                                          system_clock(), telemetry::Logger());
    auto wire = server->connect(nullptr).value();
    shutdown(PQsocket(wire->get()), SHUT_RDWR);
    EXPECT_EQ(PQconsumeInput(wire->get()), 0);
    store::PgConnection connection(server);
    auto const adopted = connection.adopt(std::move(wire));
    ASSERT_FALSE(adopted);
    EXPECT_EQ(adopted.error().code, Errc::unavailable);
    EXPECT_FALSE(connection.connected());
    connection.begin(nullptr, store::Scope::installation());
    EXPECT_TRUE(connection.execute("SELECT 1", {})) << "another one is made";
    connection.roll_back();
}

}  // namespace

}  // namespace nexpo::inline v1::testing

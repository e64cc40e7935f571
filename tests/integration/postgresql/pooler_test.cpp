// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "integration/postgresql/server_store.hpp"
#include "nexpo/nexpo.hpp"
#include "support/test_pgbouncer.hpp"

namespace nexpo::inline v1::testing {

namespace {

// Two server connections for all clients: each transaction gets another session.
TEST(PostgresPooler, NothingRestsOnTheSession) {
    PostgresDatabase const database;
    PgBouncer const pooler(PostgresServer::shared_directory(), "pool_mode = transaction\ndefault_pool_size = 2");
    Config config{.database = pooler.url("nexpo_app", database.name(), "prepare=off"),
                  .database_owner = Secret(database.url("nexpo_owner"))};
    config.auth.open_registration = true;
    config.limits = {.address_per_minute = 0, .account_per_minute = 0, .caller_per_minute = 0};
    config.threads = {.hash = 1, .readers = 4, .writers = 4};
    auto const backend = Backend::open(config).value();
    std::atomic<int> failed = 0;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 6; ++thread) {
            threads.emplace_back([&, thread] {
                auto const api = backend.as_system("org" + std::to_string(thread % 3));
                for (int i = 0; i < 20; ++i) {
                    auto const email = std::to_string(thread) + "-" + std::to_string(i) + "@example.com";
                    auto const user = api.users().create({.email = email});
                    if (!user || !api.users().get({.id = user->id}) || api.users().create({.email = email})) ++failed;
                }
            });
        }
    }
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(backend.as_system("org0").users().list({.limit = 200})->items.size(), 40U);
    EXPECT_EQ(database.run("SELECT count(*) FROM user_profiles"), "120");
}

TEST(PostgresPooler, TheIsolationIsTheSame) {
    PostgresDatabase const database;
    PgBouncer const pooler(PostgresServer::shared_directory(), "pool_mode = transaction\ndefault_pool_size = 2");
    ServerStore const store({.url = pooler.url("nexpo_owner", database.name(), "prepare=off")});
    EXPECT_EQ(store.one<std::string>("SELECT current_setting('transaction_isolation')").value(), "repeatable read");
    EXPECT_EQ(store.one<std::string>("SELECT current_setting('transaction_read_only')").value(), "on");
    std::string isolation;
    EXPECT_TRUE(store->write_and_wait(kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
        isolation = **tx.one<std::string>("SELECT current_setting('transaction_isolation')", {});
        return {};
    }));
    EXPECT_EQ(isolation, "serializable");
    EXPECT_TRUE(store.add("a"));
    EXPECT_EQ(store.add("a").error().reason, "conflict");
    EXPECT_FALSE(store.one<int>("SELECT nothing"));
    EXPECT_EQ(store.count().value(), 1);
}

}  // namespace

}  // namespace nexpo::inline v1::testing

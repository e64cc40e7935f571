// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "integration/postgresql/server_store.hpp"
#include "nexpo/nexpo.hpp"
#include "support/child_process.hpp"

namespace nexpo::inline v1::testing {

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

store::StoreOptions two_roles(PostgresDatabase const& database) {
    return {.url = database.url("nexpo_app"), .owner_url = Secret(database.url("nexpo_owner"))};
}

TEST(PostgresRoles, TheOwnerMigratesAndTheApplicationServes) {
    PostgresDatabase const database;
    ServerStore const store(two_roles(database));
    EXPECT_TRUE(store.add("a"));
    EXPECT_EQ(store.count().value(), 1);
    EXPECT_EQ(database.run("SELECT tableowner FROM pg_tables WHERE tablename = 'items'"), "nexpo_owner");
    for (char const* sql : {"DROP TABLE items", "CREATE TABLE more (a {{int}})", "TRUNCATE items",
                            "ALTER TABLE items DISABLE ROW LEVEL SECURITY"}) {
        auto const refused =
            store->write_and_wait(kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
                auto done = tx.execute(sql, {});
                if (!done) return std::move(done).error();
                return {};
            });
        EXPECT_EQ(refused.error().code, Errc::internal) << sql;
    }
}

TEST(PostgresRoles, TheApplicationStartsAloneWhenNothingIsMissing) {
    PostgresDatabase const database;
    { ServerStore const store(two_roles(database)); }
    database.run("GRANT SELECT ON nexpo_migrations TO nexpo_app");
    auto const alone = ServerStore::open({.url = database.url("nexpo_app")});
    ASSERT_TRUE(alone);
    auto const migrated = (*alone)->migrate(ServerStore::migrations());
    EXPECT_TRUE(migrated) << migrated.error().message;
}

TEST(PostgresRoles, ARoleThatSeesEverythingIsWarnedOf) {
    PostgresDatabase const database;
    struct Case {
        char const* role;
        bool warns;
    };
    for (auto const& [role, warns] : {Case{"postgres", true}, Case{"nexpo_owner", false}, Case{"nexpo_app", false}}) {
        auto const log = std::make_shared<MemoryLog>(LogLevel::info);
        ASSERT_TRUE(ServerStore::open({.url = database.url(role), .log = telemetry::Logger(log, system_clock())}));
        EXPECT_EQ(log->contains("SUPERUSER"), warns) << role;
    }
}

TEST(PostgresRoles, OneThatMayCreateIsWarnedOf) {
    PostgresDatabase const database;
    for (bool const may : {false, true}) {
        if (may) database.run("GRANT CREATE ON SCHEMA public TO PUBLIC");
        auto const log = std::make_shared<MemoryLog>(LogLevel::info);
        auto options = two_roles(database);
        options.log = telemetry::Logger(log, system_clock());
        ASSERT_TRUE(ServerStore::open(options));
        EXPECT_EQ(log->contains("REVOKE CREATE"), may);
    }
}

TEST(PostgresRoles, TheOwnerIsNotLuredIntoTheFunctionsOfOthers) {
    PostgresDatabase const database;
    database.run("GRANT CREATE ON SCHEMA public TO PUBLIC");
    database.run(
        "SET ROLE nexpo_app; CREATE FUNCTION public.format(text, name, name, text) RETURNS text LANGUAGE sql"
        " AS $$ SELECT 'CREATE TABLE lured (a integer)' $$;"
        "CREATE FUNCTION public.has_table_privilege(text, text, text) RETURNS boolean LANGUAGE sql"
        " AS $$ SELECT false $$");
    ServerStore const store(two_roles(database));
    EXPECT_EQ(database.run("SELECT count(*) FROM pg_tables WHERE tablename = 'lured'"), "0");
    EXPECT_TRUE(store.add("a"));
}

TEST(PostgresRoles, TheApplicationOnlyReadsWhatWasMigrated) {
    PostgresDatabase const database;
    ServerStore const store(two_roles(database));
    for (auto const& [privilege, has] :
         {std::pair("SELECT", "t"), std::pair("INSERT", "f"), std::pair("UPDATE", "f"), std::pair("DELETE", "f")}) {
        EXPECT_EQ(database.run(std::string("SELECT has_table_privilege('nexpo_app', 'nexpo_migrations', '") +
                               privilege + "')"),
                  has)
            << privilege;
    }
}

TEST(PostgresRoles, TwoProcessesMayMigrateAtTheSameTime) {
    for (int round = 0; round < 3; ++round) {
        PostgresDatabase const database;
        int gate[2];
        ASSERT_EQ(pipe(gate), 0);
        auto const start = [&] {
            close(gate[1]);
            char byte = 0;
            EXPECT_EQ(read(gate[0], &byte, 1), 0);  // until the parent closes the other end
            auto const store = ServerStore::open(two_roles(database));
            ASSERT_TRUE(store) << store.error().message;
            auto migrations = ServerStore::migrations();
            migrations.push_back({"sample", 2, "first", "INSERT INTO items VALUES ('first');"});
            auto const migrated = (*store)->migrate(migrations);
            EXPECT_TRUE(migrated) << migrated.error().message;
        };
        {
            ChildProcess first(start);
            ChildProcess second(start);
            ChildProcess third(start);
            close(gate[0]);
            close(gate[1]);
            EXPECT_EQ(first.wait() + second.wait() + third.wait(), 0);
        }
        EXPECT_EQ(database.run("SELECT count(*) FROM items"), "1");
        EXPECT_EQ(database.run("SELECT count(*) FROM nexpo_migrations"), "2");
    }
}

// The second wall: whoever finds a way to run SQL in the application still meets the policies.
TEST(PostgresRoles, EveryTableWithAnOrganizationIsIsolated) {
    PostgresDatabase const database;
    Config config{.database = database.url("nexpo_app"), .database_owner = Secret(database.url("nexpo_owner"))};
    config.auth.open_registration = true;
    auto const backend = Backend::open(config).value();
    ASSERT_TRUE(backend.as_anonymous().auth().sign_up({.email = "ada@example.com", .password = "correct horse"}));
    EXPECT_EQ(database.run("SELECT string_agg(DISTINCT c.table_name, ' ') FROM information_schema.columns c"
                           " JOIN pg_class t ON t.relname = c.table_name WHERE c.table_schema = 'public'"
                           " AND c.column_name = 'organization_id'"
                           " AND NOT (t.relrowsecurity AND t.relforcerowsecurity)"),
              "");
    EXPECT_EQ(database.run("SET ROLE nexpo_app; SELECT count(*) FROM user_profiles"), "0") << "without a scope";
    EXPECT_EQ(database.run("SET ROLE nexpo_app; SET nexpo.organization = '*'; SELECT count(*) FROM user_profiles"),
              "1");
}

}  // namespace

}  // namespace nexpo::inline v1::testing

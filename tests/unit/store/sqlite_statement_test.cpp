// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;

TEST(SqliteStatement, StrictTablesRefuseOtherTypes) {
    TestStore store;
    ASSERT_TRUE(store.execute("CREATE TABLE ages (age {{int}}) {{strict}}"));
    EXPECT_EQ(store.execute("INSERT INTO ages VALUES ('x')").error().reason, "constraint_violated");
}

TEST(SqliteMigrate, RunsTriggersWithStatementsOfTheirOwn) {
    TestStore store;
    store.migrations.push_back({"app", 1, "trigger",
                                "CREATE TABLE log (line {{text}}) {{strict}};\n"
                                "CREATE TRIGGER copy AFTER INSERT ON items BEGIN\n"
                                "    INSERT INTO log VALUES ('; ' || new.name);\n"
                                "    INSERT INTO log VALUES (new.name);\n"
                                "END;\n"
                                "INSERT INTO items VALUES ('a', NULL);\n"});
    ASSERT_TRUE(store.store->migrate(store.migrations));
    EXPECT_THAT(store.all<std::string>("SELECT line FROM log").value(), ::testing::ElementsAre("; a", "a"));
}

}  // namespace
}  // namespace nexpo

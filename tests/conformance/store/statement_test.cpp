// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SqlStatement, AnswersTheNumberOfChangedRows) {
    TestStore store;
    EXPECT_EQ(store.execute("INSERT INTO items VALUES ('a', NULL), ('b', NULL), ('c', NULL)").value(), 3);
    EXPECT_EQ(store.execute("UPDATE items SET data = $1 WHERE name <> 'a'", {Bytes{0}}).value(), 2);
    EXPECT_EQ(store.execute("UPDATE items SET data = $1 WHERE name = 'x'", {Bytes{0}}).value(), 0);
    EXPECT_EQ(store.execute("INSERT INTO items VALUES ('a', NULL) ON CONFLICT DO NOTHING").value(), 0);
    EXPECT_EQ(store.execute("DELETE FROM items").value(), 3);
    EXPECT_EQ(store.execute("CREATE TABLE more (a {{int}})").value(), 0) << "not the count of the statement before";
}

TEST(SqlStatement, ReturnsRowsOfWrites) {
    TestStore store;
    ASSERT_TRUE(store.store->write_and_wait(
        nexpo::testing::kEverything, [](Transaction& tx, TransactionState&) -> Result<void> {
            auto const name = tx.one<std::string>("INSERT INTO items VALUES ($1, NULL) RETURNING name", {"a"});
            EXPECT_EQ(name.value(), "a");
            return {};
        }));
    EXPECT_THAT(store.names(), ElementsAre("a"));
}

TEST(SqlStatement, BrokenSqlIsOurFaultAndNamesTheStatement) {
    TestStore store;
    for (auto const& failed : {store.one<int>("SELEKT 1"), store.one<int>("SELECT a FROM nowhere"),
                               store.one<int>("SELECT 'open"), store.one<int>("SELECT 1; SELECT 2"),
                               store.one<int>("SELECT :a", {1}), store.one<int>("SELECT $99999", {1})}) {
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code, Errc::internal) << failed.error().message;
    }
    EXPECT_THAT(store.one<int>("SELECT a FROM nowhere").error().message, HasSubstr("nowhere"));
    EXPECT_EQ(store.one<int>("SELECT 1").value(), 1) << "and the connection still works";
}

TEST(SqlStatement, RefusesASecondStatementInsteadOfLeavingItOut) {
    TestStore store;
    EXPECT_FALSE(store.execute("INSERT INTO items VALUES ('a', NULL); INSERT INTO items VALUES ('b', NULL)"));
    EXPECT_THAT(store.names(), IsEmpty());
}

TEST(SqlStatement, LeavesTransactionsToTheStore) {
    TestStore store;
    for (char const* sql :
         {"COMMIT", "ROLLBACK", " begin", "SAVEPOINT closure", "RELEASE closure", "END", "ROLLBACK TO closure"}) {
        auto const refused = store.execute(sql);
        ASSERT_FALSE(refused) << sql;
        EXPECT_EQ(refused.error().reason, "sql_invalid") << sql;
        EXPECT_EQ(store.one<int>(sql).error().reason, "sql_invalid") << sql;
    }
}

TEST(SqlStatement, ReadersCannotWrite) {
    TestStore store;
    EXPECT_FALSE(store.one<std::string>("INSERT INTO items VALUES ('a', NULL) RETURNING name"));
    EXPECT_FALSE(store.one<int>("CREATE TABLE b (a {{int}})"));
    EXPECT_THAT(store.names(), IsEmpty());
}

TEST(SqlStatement, AnyNumberOfTextsMayBePrepared) {
    TestStore store;
    for (int i = 0; i < 1'200; ++i) {
        ASSERT_EQ(store.one<int>("SELECT " + std::to_string(i % 700)).value(), i % 700);
    }
}

TEST(SqlStatement, FollowsAChangedSchema) {
    TestStore store;
    ASSERT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything, insert("a")));
    EXPECT_THAT(store.names(), ElementsAre("a"));
    ASSERT_TRUE(store.execute("DROP TABLE items"));
    EXPECT_FALSE(store.all<std::string>("SELECT name FROM items ORDER BY name"));
    ASSERT_TRUE(store.execute("CREATE TABLE items (name {{text}} PRIMARY KEY, data {{bytes}})"));
    EXPECT_THAT(store.names(), IsEmpty());
}

}  // namespace
}  // namespace nexpo

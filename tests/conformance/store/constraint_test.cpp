// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;

TEST(SqlConstraint, TellsConflictsFromOtherRules) {
    TestStore store;
    ASSERT_TRUE(store.execute("CREATE TABLE parents (id {{int}} PRIMARY KEY, code {{text}} NOT NULL UNIQUE)"));
    ASSERT_TRUE(
        store.execute("CREATE TABLE children (parent {{int}} NOT NULL REFERENCES parents (id), age {{int}} CHECK (age "
                      "> 0)) {{strict}}"));
    ASSERT_TRUE(store.execute("INSERT INTO parents VALUES (1, 'secret-value')"));

    struct Case {
        char const* sql;
        Errc code;
        char const* reason;
    };
    for (auto const& [sql, code, reason] :
         {Case{"INSERT INTO parents VALUES (1, 'b')", Errc::already_exists, "conflict"},
          Case{"INSERT INTO parents VALUES (2, 'secret-value')", Errc::already_exists, "conflict"},
          Case{"INSERT INTO parents VALUES (2, NULL)", Errc::failed_precondition, "constraint_violated"},
          Case{"INSERT INTO children VALUES (2, 1)", Errc::failed_precondition, "constraint_violated"},
          Case{"INSERT INTO children VALUES (1, 0)", Errc::failed_precondition, "constraint_violated"},
          Case{"DELETE FROM children; ", Errc::unknown, ""}}) {
        auto const result = store.execute(sql);
        if (code == Errc::unknown) {
            EXPECT_TRUE(result) << sql;
            continue;
        }
        ASSERT_FALSE(result) << sql;
        EXPECT_EQ(result.error().code, code) << sql;
        EXPECT_EQ(result.error().reason, reason) << sql;
        EXPECT_THAT(result.error().message, ::testing::Not(::testing::HasSubstr("secret-value"))) << sql;
    }
}

TEST(SqlConstraint, ForeignKeysHold) {
    TestStore store;
    ASSERT_TRUE(store.execute("CREATE TABLE parents (id {{int}} PRIMARY KEY)"));
    ASSERT_TRUE(store.execute("CREATE TABLE children (parent {{int}} NOT NULL REFERENCES parents (id))"));
    ASSERT_TRUE(store.execute("INSERT INTO parents VALUES (1)"));
    ASSERT_TRUE(store.execute("INSERT INTO children VALUES (1)"));
    EXPECT_EQ(store.execute("DELETE FROM parents").error().reason, "constraint_violated");
}

}  // namespace
}  // namespace nexpo

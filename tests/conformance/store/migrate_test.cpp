// SPDX-License-Identifier: Apache-2.0
#include "store/migrate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nexpo/testing/clock.hpp"
#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Migration step(std::string owner, int number, std::string sql = "INSERT INTO log VALUES ('again');") {
    return {std::move(owner), number, "step_" + std::to_string(number), std::move(sql)};
}

class Migrate : public ::testing::Test {
 protected:
    Migrate() : store({.clock = std::make_shared<nexpo::testing::ManualClock>()}) {
        EXPECT_TRUE(store.execute("CREATE TABLE log (line {{text}}) {{strict}}"));
    }

    /// The application's own migrations after the test store's.
    Result<void> migrate(std::vector<Migration> more) const {
        auto all = store.migrations;
        all.insert(all.end(), more.begin(), more.end());
        return store.store->migrate(all);
    }
    void expect_refused(std::vector<Migration> more, Errc code, char const* reason, char const* text = "") const {
        auto const migrated = migrate(std::move(more));
        ASSERT_FALSE(migrated) << text;
        EXPECT_EQ(migrated.error().code, code) << migrated.error().message;
        EXPECT_EQ(migrated.error().reason, reason) << migrated.error().message;
        EXPECT_THAT(migrated.error().message, HasSubstr(text));
    }
    std::vector<std::string> applied() const {
        return store
            .all<std::string>(
                "SELECT owner || ' ' || CAST(number AS text) || ' ' || name FROM nexpo_migrations"
                " ORDER BY owner, number")
            .value();
    }
    std::vector<std::string> log() const { return store.all<std::string>("SELECT line FROM log").value(); }

    TestStore store;
};

TEST_F(Migrate, AppliesEachOnceAndInOrder) {
    std::vector<Migration> steps{step("app", 1, "INSERT INTO log VALUES ('a1');\nINSERT INTO log VALUES ('a1b');\n"),
                                 step("other", 1, "INSERT INTO log VALUES ('o1');"),
                                 step("app", 2, "INSERT INTO log VALUES ('a2');")};
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(migrate(steps));
    EXPECT_THAT(log(), ElementsAre("a1", "a1b", "o1", "a2"));
    steps.push_back(step("app", 3, "INSERT INTO log VALUES ('a3');"));
    ASSERT_TRUE(migrate(steps));
    EXPECT_THAT(log(), ElementsAre("a1", "a1b", "o1", "a2", "a3"));
    EXPECT_THAT(applied(),
                ElementsAre("app 1 step_1", "app 2 step_2", "app 3 step_3", "other 1 step_1", "sample 1 items"));
    EXPECT_EQ(store.one<Timestamp>("SELECT min(applied_at) FROM nexpo_migrations").value(),
              nexpo::testing::ManualClock().now());
}

TEST_F(Migrate, RefusesGapsAndRepeatedNumbers) {
    for (auto const& steps : {std::vector{step("app", 2)}, std::vector{step("app", 1), step("app", 3)},
                              std::vector{step("app", 1), step("app", 1)}, std::vector{step("app", 0)},
                              std::vector{step("app", 2), step("app", 1)}, std::vector{step("", 1)}}) {
        expect_refused(steps, Errc::invalid_argument, "migration_invalid", "step_");
    }
    EXPECT_THAT(log(), IsEmpty());
    EXPECT_THAT(applied(), ElementsAre("sample 1 items"));
}

TEST_F(Migrate, RefusesAnAppliedOneThatWasChanged) {
    ASSERT_TRUE(migrate({step("app", 1)}));
    expect_refused({step("app", 1, "INSERT INTO log VALUES ('changed');"), step("app", 2)}, Errc::failed_precondition,
                   "migration_changed", "app 1 (step_1)");
    EXPECT_THAT(log(), ElementsAre("again"));
}

TEST_F(Migrate, RefusesADatabaseOfANewerVersion) {
    ASSERT_TRUE(migrate({step("app", 1), step("app", 2), step("nexpo/future", 1)}));
    expect_refused({step("app", 1), step("nexpo/future", 1)}, Errc::failed_precondition, "database_newer",
                   "app 2 (step_2)");
    expect_refused({step("app", 1), step("app", 2)}, Errc::failed_precondition, "database_newer", "nexpo/future 1");
    EXPECT_TRUE(migrate({step("app", 1), step("app", 2), step("nexpo/future", 1)}));
}

TEST_F(Migrate, IgnoresTheTablesOfAnotherApplication) {
    ASSERT_TRUE(migrate({step("other", 1)}));
    EXPECT_TRUE(migrate({step("app", 1, "CREATE TABLE app (a {{int}});")}));
    EXPECT_TRUE(migrate({}));
    EXPECT_THAT(applied(), ElementsAre("app 1 step_1", "other 1 step_1", "sample 1 items"));
}

TEST_F(Migrate, AFailingOneLeavesNothingBehind) {
    std::vector<Migration> steps{
        step("app", 1, "CREATE TABLE made (a {{int}}); INSERT INTO log VALUES ('made');"),
        step("app", 2,
             "CREATE TABLE broken (a {{int}});\nINSERT INTO broken VALUES (1);\nINSERT INTO nowhere VALUES (1);")};
    expect_refused(steps, Errc::internal, "sql_failed", "migration app 2 (step_2): ");
    EXPECT_THAT(applied(), ElementsAre("sample 1 items"));
    EXPECT_THAT(log(), IsEmpty());
    for (auto const* table : {"made", "broken"}) {
        EXPECT_FALSE(store.one<std::int64_t>(std::string("SELECT count(*) FROM ") + table)) << table;
    }

    steps[1].sql = "CREATE TABLE broken (a {{int}});";
    EXPECT_TRUE(migrate(steps)) << "what was not applied may be corrected";
    EXPECT_THAT(log(), ElementsAre("made"));
}

TEST_F(Migrate, RefusesUnknownWordsAndParameters) {
    expect_refused({step("app", 1, "CREATE TABLE a (b {{money}});")}, Errc::internal, "sql_invalid", "{{money}}");
    expect_refused({step("app", 1, "INSERT INTO log VALUES (?1);")}, Errc::internal, "sql_invalid", "app 1");
    expect_refused({step("app", 1, "INSERT INTO log VALUES (1, 2);")}, Errc::internal, "sql_failed", "app 1");
}

TEST_F(Migrate, CheckingSaysWhatIsMissingAndChangesNothing) {
    auto all = store.migrations;
    all.push_back(step("app", 1, "CREATE TABLE app (a {{int}});"));
    EXPECT_TRUE(store.store->check(store.migrations));
    auto const missing = store.store->check(all);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::failed_precondition);
    EXPECT_EQ(missing.error().reason, "migration_missing");
    EXPECT_THAT(missing.error().message, HasSubstr("app 1 (step_1)"));
    EXPECT_THAT(applied(), ElementsAre("sample 1 items"));

    ASSERT_TRUE(store.store->migrate(all));
    EXPECT_TRUE(store.store->check(all));
    all.back().sql += " ";
    EXPECT_EQ(store.store->check(all).error().reason, "migration_changed");
}

TEST_F(Migrate, AnEmptyOneIsAppliedToo) {
    ASSERT_TRUE(migrate({step("app", 1, "-- nothing to do\n"), step("app", 2, "")}));
    EXPECT_THAT(applied(), ElementsAre("app 1 step_1", "app 2 step_2", "sample 1 items"));
}

}  // namespace
}  // namespace nexpo

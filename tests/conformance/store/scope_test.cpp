// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/scope_change.hpp"
#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using nexpo::testing::on_postgresql;
using store::Scope;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Notes of two organizations, in a table that is isolated where the database can do it.
class StoreScope : public ::testing::Test {
 protected:
    StoreScope() {
        store.migrations.push_back({"app", 1, "notes",
                                    "CREATE TABLE notes (organization_id {{id}} NOT NULL, text {{text}}) {{strict}};\n"
                                    "{{isolate notes}};\n"});
        store.store->migrate(store.migrations).value();
        EXPECT_TRUE(add(Scope::organization("org_1"), "org_1", "one"));
        EXPECT_TRUE(add(Scope::organization("org_2"), "org_2", "two"));
    }

    Result<void> add(Scope const& scope, std::string organization, std::string text) const {
        return store.store->write_and_wait({scope}, [=](Transaction& tx, TransactionState&) -> Result<void> {
            auto done = tx.execute("INSERT INTO notes VALUES ($1, $2)", {organization, text});
            if (!done) return std::move(done).error();
            return {};
        });
    }
    static std::vector<std::string> texts(Read const& read) {
        return read.all<std::string>("SELECT text FROM notes ORDER BY text", {}).value();
    }
    std::vector<std::string> seen_by(Scope const& scope) const {
        std::vector<std::string> seen;
        EXPECT_TRUE(store.store->read({scope}, {}, [&](Read& read) -> Result<void> {
            seen = texts(read);
            return {};
        }));
        return seen;
    }

    TestStore store;
};

TEST_F(StoreScope, TheInstallationSeesAll) {
    EXPECT_THAT(seen_by(Scope::installation()), ElementsAre("one", "two"));
}

// SQLite knows no policies; what it answers here is what the second wall is for.
TEST_F(StoreScope, AnOrganizationSeesItsOwnWhereTheDatabaseEnforcesIt) {
    if (!on_postgresql()) {
        EXPECT_THAT(seen_by(Scope::organization("org_1")), ElementsAre("one", "two"));
        return;
    }
    EXPECT_THAT(seen_by(Scope::organization("org_1")), ElementsAre("one"));
    EXPECT_THAT(seen_by(Scope::organization("org_2")), ElementsAre("two"));
    EXPECT_THAT(seen_by(Scope::organization("")), IsEmpty());
    EXPECT_THAT(seen_by(Scope::organization("org_3' OR '1'='1")), IsEmpty());
}

TEST_F(StoreScope, AnOrganizationWritesItsOwnWhereTheDatabaseEnforcesIt) {
    if (!on_postgresql()) {
        EXPECT_TRUE(add(Scope::organization("org_1"), "org_2", "not smuggled: there is no wall"));
        return;
    }
    EXPECT_FALSE(add(Scope::organization("org_1"), "org_2", "smuggled"));
    EXPECT_TRUE(store.store->write_and_wait(
        {Scope::organization("org_1")}, [](Transaction& tx, TransactionState&) -> Result<void> {
            EXPECT_EQ(tx.execute("UPDATE notes SET text = 'mine'", {}).value(), 1);
            EXPECT_EQ(tx.execute("DELETE FROM notes WHERE text = 'two'", {}).value(), 0);
            return {};
        }));
    EXPECT_THAT(seen_by(Scope::installation()), ElementsAre("mine", "two"));
}

TEST_F(StoreScope, MayChangeForABlock) {
    EXPECT_TRUE(store.store->read({Scope::organization("org_1")}, {}, [&](Read& read) -> Result<void> {
        auto const own = texts(read);
        {
            store::ScopeChange const all(read, Scope::installation());
            EXPECT_THAT(texts(read), ElementsAre("one", "two"));
        }
        EXPECT_EQ(texts(read), own);
        return {};
    }));
    EXPECT_EQ(seen_by(Scope::organization("org_2")).back(), "two") << "the next one starts with its own";
}

}  // namespace
}  // namespace nexpo

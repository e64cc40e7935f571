// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using nexpo::testing::kEverything;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto kInsert = "INSERT INTO items (name, data) VALUES ($1, NULL)";

Result<void> put_off(TransactionState& state, std::string_view name) {
    SqlParam const params[] = {name};
    return state.session.execute_later(kInsert, params);
}

TEST(StoreTransaction, CannotBeCommittedAfterAStatementFailed) {
    TestStore store;
    ASSERT_TRUE(store.store->write_and_wait(kEverything, insert("a")));
    struct Case {
        char const* sql;
        char const* reason;
    };
    for (auto const& [sql, reason] :
         {Case{"INSERT INTO items VALUES ('a', NULL)", "conflict"}, Case{"SELECT nothing", "sql_failed"},
          Case{"COMMIT", "sql_invalid"}, Case{"SELECT $1", "sql_invalid"}}) {
        auto const written =
            store.store->write_and_wait(kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
                EXPECT_TRUE(tx.execute(kInsert, {"b"}));
                EXPECT_EQ(tx.execute(sql, {}).error().reason, reason);
                EXPECT_EQ(tx.execute(kInsert, {"c"}).error().reason, reason) << "the first error again";
                EXPECT_EQ(tx.one<int>("SELECT 1", {}).error().reason, reason);
                return {};
            });
        ASSERT_FALSE(written) << sql;
        EXPECT_EQ(written.error().reason, reason);
    }
    EXPECT_THAT(store.names(), ElementsAre("a"));
}

TEST(StoreTransaction, ARefusalIsNoWayAroundIt) {
    TestStore store;
    Error const refusal{Errc::unauthenticated, "credentials_invalid", "no"};
    auto const written =
        store.store->write_and_wait(kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
            EXPECT_TRUE(tx.execute(kInsert, {"a"}));
            EXPECT_FALSE(tx.execute(kInsert, {"a"}));
            static_cast<void>(tx.refuse(refusal));
            return {};  // as the pipeline does, so that the refusal's traces are committed
        });
    EXPECT_EQ(written.error().reason, "conflict");
    EXPECT_THAT(store.names(), IsEmpty());
}

TEST(StoreTransaction, TheNextOneStartsAnew) {
    TestStore store({.writers = 1});
    EXPECT_FALSE(store.execute("INSERT INTO nowhere VALUES (1)"));
    EXPECT_TRUE(store.store->write_and_wait(kEverything, insert("a")));
    EXPECT_THAT(store.names(), ElementsAre("a"));
}

TEST(StoreTransaction, WhatIsPutOffIsCommitted) {
    TestStore store;
    for (char const* first : {"a", "b"}) {
        EXPECT_TRUE(
            store.store->write_and_wait(kEverything, [&](Transaction& tx, TransactionState& state) -> Result<void> {
                EXPECT_TRUE(put_off(state, first));
                EXPECT_EQ(tx.one<std::string>("SELECT max(name) FROM items", {}).value(), first);
                return put_off(state, std::string(first) + "2");
            }));
    }
    EXPECT_THAT(store.names(), ElementsAre("a", "a2", "b", "b2"));
}

TEST(StoreTransaction, WhatIsPutOffAndFailsSpoilsTheCommit) {
    TestStore store({.writers = 1});
    for (int i = 0; i < 3; ++i) {
        auto const written =
            store.store->write_and_wait(kEverything, [](Transaction& tx, TransactionState& state) -> Result<void> {
                EXPECT_TRUE(tx.execute(kInsert, {"a"}));
                EXPECT_TRUE(tx.execute(kInsert, {"b"}));
                static_cast<void>(put_off(state, "a"));
                static_cast<void>(put_off(state, "c"));
                return {};
            });
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().reason, "conflict");
        EXPECT_THAT(store.names(), IsEmpty());
    }
    EXPECT_TRUE(store.store->write_and_wait(kEverything, insert("a")));
}

TEST(StoreTransaction, AnErrorOfTheClosureTakesEverythingBack) {
    TestStore store({.writers = 1});
    for (int i = 0; i < 3; ++i) {
        auto const written =
            store.store->write_and_wait(kEverything, [](Transaction& tx, TransactionState& state) -> Result<void> {
                EXPECT_TRUE(tx.execute(kInsert, {"a"}));
                EXPECT_TRUE(put_off(state, "b"));
                return Error{Errc::aborted, "changed_mind", ""};
            });
        EXPECT_EQ(written.error().reason, "changed_mind");
        EXPECT_THAT(store.names(), IsEmpty());
    }
}

TEST(StoreTransaction, AReadThatFailsSpoilsNoOtherRead) {
    TestStore store({.readers = 1});
    EXPECT_FALSE(store.one<int>("SELECT nothing"));
    EXPECT_EQ(store.one<int>("SELECT 1").value(), 1);
    EXPECT_TRUE(store.store->read(kEverything, {}, [](Read&) { return Result<void>(); })) << "without a statement";
    EXPECT_TRUE(
        store.store->write_and_wait(kEverything, [](Transaction&, TransactionState&) { return Result<void>(); }));
}

// What READ COMMITTED lets happen: each sees the other still there, and both go.
TEST(StoreTransactionConcurrency, TwoCannotRemoveEachOther) {
    TestStore store({.writers = 2});
    for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(store.execute("DELETE FROM items"));
        ASSERT_TRUE(store.execute("INSERT INTO items VALUES ('ada', NULL), ('bob', NULL)"));
        auto const remove = [&](std::string const& name) {
            return store.store->write_and_wait(kEverything, [name](Transaction& tx, TransactionState&) -> Result<void> {
                auto const left = tx.one<std::int64_t>("SELECT count(*) FROM items", {});
                if (!left) return left.error();
                if (**left == 1) return Error{Errc::failed_precondition, "last_owner", "one must stay"};
                auto const removed = tx.execute("DELETE FROM items WHERE name = $1", {name});
                if (!removed) return removed.error();
                return {};
            });
        };
        Result<void> first;
        Result<void> second;
        {
            std::jthread const one([&] { first = remove("ada"); });
            std::jthread const other([&] { second = remove("bob"); });
        }
        EXPECT_NE(first.has_value(), second.has_value());
        EXPECT_EQ((first ? second : first).error().reason, "last_owner");
        EXPECT_EQ(store.names().size(), 1U);
    }
}

TEST(StoreTransactionConcurrency, CountersLoseNothing) {
    TestStore store({.writers = 8});
    ASSERT_TRUE(store.execute("CREATE TABLE counters (name {{text}} PRIMARY KEY, value {{int}} NOT NULL) {{strict}}"));
    ASSERT_TRUE(store.execute("INSERT INTO counters VALUES ('a', 0), ('b', 0)"));
    constexpr int kThreads = 8;
    constexpr int kEach = 10;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&, thread] {
                // In opposite orders, so that they also lock each other out.
                std::string const first = thread % 2 == 0 ? "a" : "b";
                std::string const second = thread % 2 == 0 ? "b" : "a";
                for (int i = 0; i < kEach; ++i) {
                    auto const done = store.store->write_and_wait(
                        kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
                            for (auto const& name : {first, second}) {
                                auto const value =
                                    tx.one<std::int64_t>("SELECT value FROM counters WHERE name = $1", {name});
                                if (!value) return value.error();
                                auto const set =
                                    tx.execute("UPDATE counters SET value = $2 WHERE name = $1", {name, **value + 1});
                                if (!set) return set.error();
                            }
                            return {};
                        });
                    EXPECT_TRUE(done) << done.error().message;
                }
            });
        }
    }
    EXPECT_THAT(store.all<std::int64_t>("SELECT value FROM counters").value(),
                ElementsAre(kThreads * kEach, kThreads * kEach));
}

}  // namespace
}  // namespace nexpo

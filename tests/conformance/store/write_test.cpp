// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Writes, and then fails as told.
template <class F>
Store::WriteClosure then(Store::WriteClosure write, F fail) {
    return [write = std::move(write), fail](Transaction& tx, TransactionState& state) -> Result<void> {
        if (auto done = write(tx, state); !done) return done;
        return fail();
    };
}

TEST(StoreWrite, AFailingClosureTakesBackOnlyItsOwn) {
    TestStore store({.writers = 1});  // so that the writes keep their order
    auto const before = store.store->stats();
    Group group(*store.store);
    group.add(insert("a"));
    group.add(then(insert("b"), []() -> Result<void> { return Error{Errc::aborted, "changed_mind", ""}; }));
    group.add(insert("c"));
    group.add(insert("a"));  // a conflict with the first one
    group.add(then(insert("d"), []() -> Result<void> { throw std::runtime_error("broken"); }));
    group.add(then(insert("e"), []() -> Result<void> { throw Exception(Error{Errc::not_found, "gone", ""}); }));
    group.add(then(insert("f"), []() -> Result<void> { throw 7; }));
    group.add(insert("g"));
    auto const results = group.commit();
    EXPECT_TRUE(results[0]);
    EXPECT_EQ(results[1].error().reason, "changed_mind");
    EXPECT_TRUE(results[2]);
    EXPECT_EQ(results[3].error().reason, "conflict");
    EXPECT_EQ(results[4].error().code, Errc::internal);
    EXPECT_EQ(results[4].error().message, "broken");
    EXPECT_EQ(results[5].error().reason, "gone");
    EXPECT_EQ(results[6].error().code, Errc::internal);
    EXPECT_TRUE(results[7]);
    EXPECT_THAT(store.names(), ElementsAre("a", "c", "g"));
    EXPECT_EQ(store.store->stats().writes - before.writes, 4U) << "with the one that opened the group";
}

TEST(StoreWrite, AClosureSeesWhatTheOnesBeforeItWrote) {
    TestStore store({.writers = 1});  // so that the writes keep their order
    Group group(*store.store);
    group.add(insert("a"));
    group.add([](Transaction& tx, TransactionState&) -> Result<void> {
        EXPECT_EQ(tx.one<std::string>("SELECT name FROM items", {}).value(), "a");
        return {};
    });
    for (auto const& result : group.commit()) EXPECT_TRUE(result);
}

TEST(StoreWrite, KeepsTheBooksOfOneClosure) {
    TestStore store({.writers = 1});  // so that the writes keep their order
    Group group(*store.store);
    int ran = 0;
    group.add([&](Transaction& tx, TransactionState& state) -> Result<void> {
        tx.audit_target("usr_1");
        tx.audit_organization("org_1");
        tx.after_commit([&ran] { ++ran; });
        EXPECT_EQ(state.audit_target, "usr_1");
        EXPECT_EQ(state.audit_organization, "org_1");
        EXPECT_EQ(state.after_commit.size(), 1U);
        return insert("a")(tx, state);
    });
    group.add([&](Transaction& tx, TransactionState& state) -> Result<void> {
        EXPECT_EQ(state.audit_target, "") << "every closure starts anew";
        EXPECT_THAT(state.after_commit, IsEmpty());
        EXPECT_FALSE(state.refusal);
        Error const error{Errc::unauthenticated, "credentials_invalid", "no"};
        EXPECT_EQ(tx.refuse(error), error) << "so that it can be returned";
        EXPECT_EQ(state.refusal, error);
        return insert("b")(tx, state);  // who reads the refusal commits by answering success
    });
    for (auto const& result : group.commit()) EXPECT_TRUE(result);
    EXPECT_EQ(ran, 0) << "running it is left to the pipeline";
    EXPECT_THAT(store.names(), ElementsAre("a", "b"));
}

struct Note {
    std::string text{};
};

StructType describe(Type<Note>) {
    return structure<Note>("Note", field("text", &Note::text));
}

TEST(StoreWrite, KeepsEventsAsJson) {
    TestStore store;
    ASSERT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything,
                                            [](Transaction& tx, TransactionState& state) -> Result<void> {
                                                tx.emit("note.added", Note{"hello"});
                                                EXPECT_EQ(state.events.size(), 1U);
                                                EXPECT_EQ(state.events.front().name, "note.added");
                                                EXPECT_EQ(state.events.front().payload, R"({"text":"hello"})");
                                                return {};
                                            }));
}

TEST(StoreWrite, IsRefusedAfterClose) {
    TestStore store;
    store.store->close();
    auto const closed = store.store->write_and_wait(nexpo::testing::kEverything, insert("a"));
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, Errc::unavailable);
    EXPECT_EQ(closed.error().reason, "closed");
    store.store->close();
}

TEST(StoreWrite, IsRefusedWhileTooManyWait) {
    TestStore store({.writers = 1});  // so that the writes keep their order
    Group group(*store.store);
    std::atomic<int> refused = 0;
    std::atomic<int> done = 0;
    constexpr int kMany = 17'000;
    for (int i = 0; i < kMany; ++i) {
        store.store->write(
            nexpo::testing::kEverything, [](Transaction&, TransactionState&) -> Result<void> { return {}; },
            [&](Result<void> result) {
                ++done;
                if (result) return;
                ++refused;
                EXPECT_EQ(result.error().code, Errc::unavailable);
                EXPECT_TRUE(result.error().retry_after);
            });
    }
    EXPECT_EQ(refused, kMany - 16'384);
    group.commit();
    store.store->close();
    EXPECT_EQ(done, kMany);
    EXPECT_EQ(refused, kMany - 16'384);
}

TEST(StoreConcurrency, ManyThreadsWriteAndEveryAnsweredWriteIsThere) {
    constexpr int kThreads = 64;
    constexpr int kEach = 20;
    TestStore store;
    auto const before = store.store->stats();
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&, thread] {
                for (int i = 0; i < kEach; ++i) {
                    auto const name = std::to_string(thread) + "-" + std::to_string(i);
                    EXPECT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything, insert(name)));
                    EXPECT_EQ(store.store->write_and_wait(nexpo::testing::kEverything, insert(name)).error().reason,
                              "conflict");
                }
            });
        }
    }
    auto const after = store.store->stats();
    EXPECT_EQ(after.writes - before.writes, kThreads * kEach);
    EXPECT_LT(after.commits - before.commits, 2 * kThreads * kEach);

    store.store->close();
    auto const reopened = store::open_store({.url = store.url(), .clock = system_clock()}).value();
    ASSERT_TRUE(reopened->read(nexpo::testing::kEverything, {}, [](Read& read) -> Result<void> {
        EXPECT_EQ(read.one<std::int64_t>("SELECT count(*) FROM items", {}).value(), kThreads * kEach);
        return {};
    }));
}

TEST(StoreConcurrency, CloseCompletesWhatIsQueued) {
    TestStore store({.writers = 1});  // so that the writes keep their order
    Group group(*store.store);
    for (int i = 0; i < 100; ++i) group.add(insert(std::to_string(i)));
    std::jthread const closing([&] { store.store->close(); });
    for (auto const& result : group.commit()) EXPECT_TRUE(result);
    store.store->close();
    auto const reopened = store::open_store({.url = store.url(), .clock = system_clock()}).value();
    ASSERT_TRUE(reopened->read(nexpo::testing::kEverything, {}, [](Read& read) -> Result<void> {
        EXPECT_EQ(read.one<std::int64_t>("SELECT count(*) FROM items", {}).value(), 100);
        return {};
    }));
}

TEST(StoreConcurrency, EveryWriteIsAnsweredOnceWhileTheStoreCloses) {
    TestStore store;
    std::atomic<int> asked = 0;
    std::atomic<int> written = 0;
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 8; ++thread) {
            threads.emplace_back([&, thread] {
                bool open = true;
                for (int i = 0; open; ++i) {
                    ++asked;
                    auto const result = store.store->write_and_wait(
                        nexpo::testing::kEverything, insert(std::to_string(thread) + "-" + std::to_string(i)));
                    open = result.has_value();
                    ++(open ? written : refused);
                    EXPECT_TRUE(open || result.error().reason == "closed");
                }
            });
        }
        while (written < 50) std::this_thread::yield();
        store.store->close();
    }
    EXPECT_EQ(refused, 8);
    EXPECT_EQ(written + refused, asked);
    auto const reopened = store::open_store({.url = store.url(), .clock = system_clock()}).value();
    ASSERT_TRUE(reopened->read(nexpo::testing::kEverything, {}, [&](Read& read) -> Result<void> {
        EXPECT_EQ(read.one<std::int64_t>("SELECT count(*) FROM items", {}).value(), written);
        return {};
    }));
}

}  // namespace
}  // namespace nexpo

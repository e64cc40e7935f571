// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <latch>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "nexpo/testing/clock.hpp"
#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using namespace std::chrono_literals;

constexpr auto kEndlessCount =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

Result<void> count_for_ever(Read& read) {
    auto counted = read.one<std::int64_t>(kEndlessCount, {});
    if (!counted) return std::move(counted).error();
    return {};
}

std::int64_t items(Read const& read) {
    return read.one<std::int64_t>("SELECT count(*) FROM items", {}).value().value();
}

TEST(StoreRead, SeesOneSnapshotWhateverIsCommittedMeanwhile) {
    TestStore store;
    ASSERT_TRUE(store.store->read(nexpo::testing::kEverything, {}, [&](Read& read) -> Result<void> {
        EXPECT_EQ(items(read), 0);
        EXPECT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything, insert("a")));
        EXPECT_EQ(items(read), 0);
        return {};
    }));
    EXPECT_EQ(store.names().size(), 1U);
}

TEST(StoreRead, SeesWhatTheSameThreadHasJustWritten) {
    TestStore store;
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything, insert(std::to_string(i))));
        EXPECT_EQ(store.names().size(), static_cast<std::size_t>(i) + 1);
    }
}

TEST(StoreRead, HandsErrorsAndExceptionsOnAndKeepsTheConnection) {
    TestStore store({.readers = 1});
    auto const read = [&](auto function) {
        return store.store->read(nexpo::testing::kEverything, {}, [&](Read&) -> Result<void> { return function(); });
    };
    EXPECT_EQ(read([]() -> Result<void> { return Error{Errc::not_found, "gone", ""}; }).error().reason, "gone");
    EXPECT_EQ(read([]() -> Result<void> { throw std::runtime_error("broken"); }).error().message, "broken");
    EXPECT_EQ(read([]() -> Result<void> {
                  throw Exception(Error{Errc::aborted, "again", ""});
              })
                  .error()
                  .reason,
              "again");
    EXPECT_EQ(read([]() -> Result<void> { throw 7; }).error().code, Errc::internal);
    EXPECT_TRUE(store.one<int>("SELECT 1"));
    store.store->close();  // waits for every reader to come back
}

Result<void> nothing(Read&) {
    return {};
}

/// Runs it on a thread of its own: a read within a read is refused.
Result<void> elsewhere(std::function<Result<void>()> const& function) {
    return std::async(std::launch::async, function).get();
}

TEST(StoreRead, AReadWithinAReadIsRefused) {
    TestStore store({.readers = 2});
    TestStore other;
    ASSERT_TRUE(store.store->read(nexpo::testing::kEverything, {}, [&](Read&) -> Result<void> {
        EXPECT_EQ(store.store->read(nexpo::testing::kEverything, {}, nothing).error().reason, "nested_read");
        EXPECT_TRUE(other.store->read(nexpo::testing::kEverything, {}, nothing))
            << "another database has connections of its own";
        return {};
    }));
    EXPECT_TRUE(store.store->read(nexpo::testing::kEverything, {}, nothing));
}

TEST(StoreRead, AFullPoolIsWaitedForUntilTheDeadline) {
    TestStore store({.readers = 1});
    ASSERT_TRUE(store.store->read(nexpo::testing::kEverything, {}, [&](Read&) -> Result<void> {
        auto const late = elsewhere([&] {
            return store.store->read(nexpo::testing::kEverything, {.deadline = std::chrono::steady_clock::now() + 5ms},
                                     nothing);
        });
        EXPECT_EQ(late.error().code, Errc::deadline_exceeded);
        return {};
    }));
    EXPECT_TRUE(store.one<int>("SELECT 1"));
}

TEST(StoreRead, AFullPoolIsWaitedForOnTheClockOfTheInstallation) {
    auto const clock = std::make_shared<testing::ManualClock>();
    TestStore store({.readers = 1, .clock = clock});
    ASSERT_TRUE(store.store->read(nexpo::testing::kEverything, {}, [&](Read&) -> Result<void> {
        auto const late = elsewhere([&] {
            return store.store->read(nexpo::testing::kEverything, {.deadline = clock->steady_now() + 5ms}, nothing);
        });
        EXPECT_EQ(late.error().code, Errc::deadline_exceeded);
        return {};
    }));
}

TEST(StoreRead, AStoppedCallLeavesTheQueueForTheFullPool) {
    TestStore store({.readers = 1});
    ASSERT_TRUE(store.store->read(nexpo::testing::kEverything, {}, [&](Read&) -> Result<void> {
        std::stop_source stop;
        std::jthread const stopper([&] { stop.request_stop(); });
        auto const stopped = elsewhere(
            [&] { return store.store->read(nexpo::testing::kEverything, {.stop = stop.get_token()}, nothing); });
        EXPECT_EQ(stopped.error().code, Errc::cancelled);
        return {};
    }));
    EXPECT_TRUE(store.one<int>("SELECT 1"));
}

TEST(StoreRead, AStoppedCallDoesNotBegin) {
    TestStore store;
    std::stop_source stop;
    stop.request_stop();
    bool ran = false;
    auto const stopped =
        store.store->read(nexpo::testing::kEverything, {.stop = stop.get_token()}, [&](Read&) -> Result<void> {
            ran = true;
            return {};
        });
    EXPECT_EQ(stopped.error().code, Errc::cancelled);
    EXPECT_FALSE(ran);
}

TEST(StoreRead, AWaitingReaderGetsTheConnectionOfTheOneThatEnds) {
    TestStore store({.readers = 1});
    std::latch inside(1);
    std::promise<void> leave;
    std::jthread const holder([&] {
        EXPECT_TRUE(store.store->read(nexpo::testing::kEverything, {}, [&](Read&) -> Result<void> {
            inside.count_down();
            leave.get_future().wait();
            return {};
        }));
    });
    inside.wait();
    std::jthread const releaser([&] { leave.set_value(); });
    EXPECT_EQ(store.one<int>("SELECT 1").value(), 1);
}

TEST(StoreRead, ASelectWithoutRowsIsInterruptedToo) {
    TestStore store;
    auto const late = store.store->read(nexpo::testing::kEverything,
                                        {.deadline = std::chrono::steady_clock::now() + 5ms}, count_for_ever);
    EXPECT_EQ(late.error().code, Errc::deadline_exceeded);
    std::stop_source stop;
    std::jthread const stopper([&] { stop.request_stop(); });
    EXPECT_EQ(store.store->read(nexpo::testing::kEverything, {.stop = stop.get_token()}, count_for_ever).error().code,
              Errc::cancelled);
}

TEST(StoreRead, AnswersClosedAfterClose) {
    TestStore store;
    store.store->close();
    auto const closed = store.one<int>("SELECT 1");
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, Errc::unavailable);
    EXPECT_EQ(closed.error().reason, "closed");
}

TEST(StoreConcurrency, CloseWaitsForReadersAndRefusesTheNext) {
    TestStore store({.readers = 2});
    std::latch inside(2);
    std::promise<void> leave;
    auto const left = leave.get_future().share();
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            EXPECT_TRUE(store.store->read(nexpo::testing::kEverything, {}, [&](Read& read) -> Result<void> {
                inside.count_down();
                left.wait();
                EXPECT_EQ(items(read), 0);
                return {};
            }));
        });
    }
    inside.wait();
    readers.emplace_back([&] {  // waits for a connection and is woken by one or by the end
        auto const result = store.one<int>("SELECT 1");
        EXPECT_TRUE(result || result.error().reason == "closed");
    });
    readers.emplace_back([&] { store.store->close(); });
    readers.emplace_back([&] { store.store->close(); });
    leave.set_value();
    readers.clear();
    EXPECT_EQ(store.one<int>("SELECT 1").error().reason, "closed");
}

TEST(StoreConcurrency, ReadersNeverSeeHalfAWrite) {
    TestStore store({.readers = 3});
    std::atomic<bool> writing = true;
    std::vector<std::jthread> readers;
    for (int i = 0; i < 6; ++i) {
        readers.emplace_back([&] {
            while (writing) {
                auto const rows = store.one<std::int64_t>("SELECT count(*) FROM items").value().value();
                EXPECT_EQ(rows % 2, 0);
            }
        });
    }
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything,
                                                [i](Transaction& tx, TransactionState& state) -> Result<void> {
                                                    if (auto done = insert("a" + std::to_string(i))(tx, state); !done)
                                                        return done;
                                                    return insert("b" + std::to_string(i))(tx, state);
                                                }));
    }
    writing = false;
    readers.clear();
    EXPECT_EQ(store.names().size(), 200U);
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <functional>
#include <stop_token>

#include "nexpo/testing/clock.hpp"
#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using namespace std::chrono_literals;

constexpr auto kEndless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";

struct Endless {
    std::function<void()> after_rows;
    std::int64_t value = 0;
    int rows = 0;

    /// Reads on for ever and calls `after_rows` at the tenth row.
    Result<void> read(Read& read) {
        return read.select(kEndless, {}, value_type<std::int64_t>(), this, [](void* self) -> void* {
            auto& endless = *static_cast<Endless*>(self);
            if (++endless.rows == 10) endless.after_rows();
            return &endless.value;
        });
    }
};

TEST(SqliteRead, ARunningSelectIsInterruptedByTheStopToken) {
    TestStore store;
    std::stop_source stop;
    Endless endless{.after_rows = [&] { stop.request_stop(); }};
    auto const stopped = store.store->read(nexpo::testing::kEverything, {.stop = stop.get_token()},
                                           [&](Read& read) { return endless.read(read); });
    EXPECT_EQ(stopped.error().code, Errc::cancelled);
    EXPECT_GE(endless.rows, 10);
    EXPECT_EQ(store.one<int>("SELECT 1").value(), 1) << "the connection is not stopped for ever";
}

TEST(SqliteRead, ARunningSelectIsInterruptedByTheDeadline) {
    auto const clock = std::make_shared<testing::ManualClock>();
    TestStore store({.clock = clock});
    Endless endless{.after_rows = [&] { clock->advance(1s); }};
    auto const late = store.store->read(nexpo::testing::kEverything, {.deadline = clock->steady_now() + 1s},
                                        [&](Read& read) { return endless.read(read); });
    EXPECT_EQ(late.error().code, Errc::deadline_exceeded);
    EXPECT_EQ(store.one<int>("SELECT 1").value(), 1);
}

}  // namespace
}  // namespace nexpo

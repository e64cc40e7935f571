// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "support/child_process.hpp"
#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using ::testing::ElementsAre;

constexpr std::size_t kHuge = 1'000'000;

/// Two writes that fit and one between them that does not, in one group.
void expect_only_the_huge_one_refused(TestStore const& store, char const* reason) {
    Group group(*store.store);
    group.add(insert("before"));
    group.add([](Transaction& tx, TransactionState& state) -> Result<void> {
        if (auto done = insert("with the huge one")(tx, state); !done) return done;
        return insert("huge", kHuge)(tx, state);
    });
    group.add(insert("after"));
    auto const results = group.commit();
    EXPECT_TRUE(results[0]);
    ASSERT_FALSE(results[1]);
    EXPECT_EQ(results[1].error().code, Errc::unavailable);
    EXPECT_EQ(results[1].error().reason, reason);
    EXPECT_TRUE(results[2]);
    EXPECT_THAT(store.names(), ElementsAre("after", "before"));
}

void expect_sound(TestStore& store) {
    EXPECT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything, insert("later", kHuge)));
    EXPECT_THAT(store.names(), ElementsAre("after", "before", "later"));
    EXPECT_EQ(store.one<std::string>("PRAGMA integrity_check").value(), "ok");
    store.store->close();
    store.store = store::open_store({.url = store.url(), .clock = system_clock()}).value();
    EXPECT_THAT(store.names(), ElementsAre("after", "before", "later"));
}

TEST(DiskFull, RefusesOnlyWhatDoesNotFit) {
    TestStore store;
    ASSERT_TRUE(store.execute("PRAGMA max_page_count = 60"));
    expect_only_the_huge_one_refused(store, "storage_full");
    ASSERT_TRUE(store.execute("PRAGMA max_page_count = 1000000"));
    expect_sound(store);
}

TEST(DiskFull, ALoneWriteIsTakenBackWhole) {
    TestStore store;
    ASSERT_TRUE(store.execute("PRAGMA max_page_count = 60"));
    EXPECT_EQ(store.store->write_and_wait(nexpo::testing::kEverything, insert("huge", kHuge)).error().reason,
              "storage_full");
    EXPECT_TRUE(store.names().empty());
    EXPECT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything, insert("small")));
}

// Here the operating system refuses: the write-ahead log may not grow, and the commit itself fails.
TEST(DiskFull, ARefusingOperatingSystemSpoilsNoOtherWrite) {
    nexpo::testing::ChildProcess child([] {
        std::signal(SIGXFSZ, SIG_IGN);
        TestStore store;
        rlimit limit{};
        ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
        auto const before = limit.rlim_cur;
        limit.rlim_cur = kHuge / 2;
        ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
        expect_only_the_huge_one_refused(store, "storage_failed");
        limit.rlim_cur = before;
        ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
        expect_sound(store);
    });
    EXPECT_EQ(child.wait(), 0);
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "support/access.hpp"
#include "support/child_process.hpp"
#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using namespace store_sample;
using ::testing::ElementsAre;
using Clock = std::chrono::steady_clock;

/// Pipes between a test and the process that holds the lock: one byte each way.
struct Gates {
    Gates() {
        if (pipe(locked.data()) != 0 || pipe(release.data()) != 0) throw std::runtime_error("pipe");
    }
    ~Gates() {
        for (int const end : {locked[0], locked[1], release[0], release[1]}) close(end);
    }
    static void open(std::array<int, 2> const& gate) { ASSERT_EQ(::write(gate[1], "x", 1), 1); }
    static void pass(std::array<int, 2> const& gate) {
        char byte = 0;
        ASSERT_EQ(::read(gate[0], &byte, 1), 1);
    }

    std::array<int, 2> locked{};
    std::array<int, 2> release{};
};

/// Holds the write lock of the file until it is released, as a backup tool or somebody's shell does.
void hold_lock(std::string const& path, Gates const& gates) {
    SQLite::Database other(path, SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    other.exec("INSERT INTO items (name) VALUES ('theirs')");
    Gates::open(gates.locked);
    Gates::pass(gates.release);
    other.exec("COMMIT");
}

struct LockedFile : ::testing::Test {
    LockedFile() {
        sample.store->write_and_wait(nexpo::testing::kEverything, insert("ours")).value();
        sample.store->close();  // no thread may run while the other process is started
    }

    void open(std::chrono::milliseconds busy_timeout) {
        sample.store =
            store::open_store({.url = sample.url(), .clock = system_clock(), .busy_timeout = busy_timeout}).value();
    }

    TestStore sample;
    Gates gates;
};

TEST_F(LockedFile, IsReadWhileWritesWaitAndAreRefusedInTime) {
    testing::ChildProcess other([this] { hold_lock(sample.directory.file("test.db"), gates); });
    Gates::pass(gates.locked);
    open(200ms);
    auto const begun = Clock::now();
    std::promise<Result<void>> answered;
    sample.store->write(nexpo::testing::kEverything, insert("late"),
                        [&](Result<void> result) { answered.set_value(std::move(result)); });
    EXPECT_THAT(sample.names(), ElementsAre("ours")) << "reading does not wait";
    auto const refused = answered.get_future().get();
    EXPECT_GE(Clock::now() - begun, 200ms);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_EQ(refused.error().reason, "database_busy");
    EXPECT_TRUE(refused.error().retry_after);

    Gates::open(gates.release);
    EXPECT_EQ(other.wait(), 0);
    EXPECT_TRUE(sample.store->write_and_wait(nexpo::testing::kEverything, insert("after")));
    EXPECT_THAT(sample.names(), ElementsAre("after", "ours", "theirs"));
}

TEST_F(LockedFile, IsWrittenOnceTheOtherLetsGo) {
    testing::ChildProcess other([this] { hold_lock(sample.directory.file("test.db"), gates); });
    Gates::pass(gates.locked);
    open(30s);
    std::promise<Result<void>> answered;
    sample.store->write(nexpo::testing::kEverything, insert("waited"),
                        [&](Result<void> result) { answered.set_value(std::move(result)); });
    EXPECT_THAT(sample.names(), ElementsAre("ours"));
    Gates::open(gates.release);
    EXPECT_TRUE(answered.get_future().get());
    EXPECT_EQ(other.wait(), 0);
    EXPECT_THAT(sample.names(), ElementsAre("ours", "theirs", "waited"));
}

TEST_F(LockedFile, IsFreeWhenTheOtherIsKilled) {
    testing::ChildProcess other([this] {
        hold_lock(sample.directory.file("test.db"), gates);
        ADD_FAILURE() << "was let go";
    });
    Gates::pass(gates.locked);
    open(30s);
    std::promise<Result<void>> answered;
    sample.store->write(nexpo::testing::kEverything, insert("waited"),
                        [&](Result<void> result) { answered.set_value(std::move(result)); });
    EXPECT_THAT(sample.names(), ElementsAre("ours"));
    other.kill();
    EXPECT_TRUE(answered.get_future().get());
    EXPECT_THAT(sample.names(), ElementsAre("ours", "waited"));
}

}  // namespace
}  // namespace nexpo

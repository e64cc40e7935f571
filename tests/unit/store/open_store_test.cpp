// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/child_process.hpp"
#include "support/test_store.hpp"
#include "support/unprivileged.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using namespace std::chrono_literals;
using std::filesystem::perms;
using ::testing::HasSubstr;

Result<std::unique_ptr<Store>> open(std::string const& path) {
    return store::open_store({.url = "sqlite:" + path, .clock = system_clock(), .busy_timeout = 5ms});
}

void expect_refused(std::string const& path, Errc code, char const* reason) {
    auto const opened = open(path);
    ASSERT_FALSE(opened) << path;
    EXPECT_EQ(opened.error().code, code) << opened.error().message;
    EXPECT_EQ(opened.error().reason, reason) << opened.error().message;
    EXPECT_THAT(opened.error().message, HasSubstr(path));
}

TEST(OpenStore, TakesFilesOnly) {
    for (char const* url : {"", "sqlite", "sqlite:", "sqlite::memory:", "sqlite:file:a.db?mode=memory", "/tmp/a.db",
                            "postgresql://localhost/a", "SQLITE:a.db"}) {
        auto const opened = store::open_store({.url = url, .clock = system_clock()});
        ASSERT_FALSE(opened) << url;
        EXPECT_EQ(opened.error().code, Errc::invalid_argument) << url;
        ASSERT_EQ(opened.error().violations.size(), 1U) << url;
        EXPECT_EQ(opened.error().violations.front().field, "/database") << url;
    }
}

TEST(OpenStore, NamesAPathThatCannotBeOpened) {
    testing::TempDir const directory;
    expect_refused(directory.file("missing/test.db"), Errc::unavailable, "storage_read_only");
    expect_refused(directory.path().string(), Errc::unavailable, "storage_read_only");
}

TEST(OpenStore, NamesADirectoryThatMayOnlyBeRead) {
    testing::TempDir const directory;
    std::filesystem::permissions(directory.path(), perms(0555));
    testing::Unprivileged const unprivileged;
    expect_refused(directory.file("test.db"), Errc::unavailable, "storage_read_only");
}

TEST(OpenStore, NamesAFileThatMayOnlyBeRead) {
    TestStore store;
    store.store->close();
    auto const path = store.database.file();
    std::filesystem::permissions(store.database.directory().path(), perms(0777));
    std::filesystem::permissions(path, perms(0444));
    testing::Unprivileged const unprivileged;
    expect_refused(path, Errc::unavailable, "storage_read_only");
}

TEST(OpenStore, NamesAFileThatIsNoDatabase) {
    testing::TempDir const directory;
    auto const path = directory.file("test.db");
    std::ofstream(path) << std::string(10'000, 'x');
    expect_refused(path, Errc::data_loss, "database_damaged");
}

TEST(OpenStore, FindsADamagedFile) {
    TestStore store;
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything, insert(std::to_string(i), 1'000)));
    store.store->close();
    auto const path = store.database.file();
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4'096);
    file << std::string(std::filesystem::file_size(path) - 4'096, '\x7f');
    file.close();
    auto const opened = open(path);
    auto const migrated = opened ? (*opened)->migrate(store.migrations) : Result<void>(opened.error());
    ASSERT_FALSE(migrated);
    EXPECT_EQ(migrated.error().code, Errc::data_loss);
}

TEST(OpenStore, AFileLockedByAnotherProcessIsBusy) {
    testing::TempDir const directory;
    auto const path = directory.file("test.db");
    SQLite::Database other(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE a (b); BEGIN EXCLUSIVE");
    auto const opened = open(path);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason, "database_busy");
    EXPECT_THAT(opened.error().message, HasSubstr(path));
    EXPECT_TRUE(opened.error().retry_after);
    other.exec("COMMIT");
    EXPECT_TRUE(open(path));
}

TEST(OpenStore, WritesOfAFileLockedByAnotherProcessAreBusyAllAtOnce) {
    TestStore store({.busy_timeout = 5ms});
    SQLite::Database other(store.database.file(), SQLite::OPEN_READWRITE);
    auto const before = store.store->stats();
    other.exec("BEGIN EXCLUSIVE");
    std::vector<std::future<Result<void>>> answers;
    for (int i = 0; i < 200; ++i) {
        auto promise = std::make_shared<std::promise<Result<void>>>();
        answers.push_back(promise->get_future());
        store.store->write(nexpo::testing::kEverything, insert("late" + std::to_string(i)),
                           [promise](Result<void> result) { promise->set_value(std::move(result)); });
    }
    for (auto& answer : answers) {
        auto const busy = answer.get();
        ASSERT_FALSE(busy);
        EXPECT_EQ(busy.error().code, Errc::unavailable);
        EXPECT_EQ(busy.error().reason, "database_busy");
        EXPECT_TRUE(busy.error().retry_after);
    }
    EXPECT_EQ(store.store->stats().retried_groups, before.retried_groups) << "none waits for the lock twice";
    EXPECT_TRUE(store.names().empty()) << "reading goes on";
    other.exec("COMMIT");
    EXPECT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything, insert("free")));
}

TEST(OpenStore, CommitsToDiskBeforeAnswering) {
    TestStore store;
    std::string mode;
    ASSERT_TRUE(store.store->write_and_wait(
        nexpo::testing::kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
            mode = tx.one<std::string>("PRAGMA journal_mode", {}).value().value() + ' ' +
                   std::to_string(tx.one<int>("PRAGMA synchronous", {}).value().value()) + ' ' +
                   std::to_string(tx.one<int>("PRAGMA foreign_keys", {}).value().value());
            return {};
        }));
    EXPECT_EQ(mode, "wal 2 1") << "write-ahead log, FULL, checked";
}

TEST(OpenStore, CloseLeavesOneFile) {
    TestStore store;
    ASSERT_TRUE(store.store->write_and_wait(nexpo::testing::kEverything, insert("a")));
    EXPECT_EQ(store.names().size(), 1U);
    store.store->close();
    std::vector<std::string> files;
    for (auto const& entry : std::filesystem::directory_iterator(store.database.directory().path())) {
        files.push_back(entry.path().filename());
    }
    EXPECT_THAT(files, ::testing::ElementsAre("nexpo.db"));
}

// What two starting processes do to a file that is not there yet: create it, switch its journal, apply migrations.
TEST(OpenStore, TwoProcessesMayOpenAFreshFileAtTheSameTime) {
    std::vector<Migration> const migrations{{"sample", 1, "starts", "CREATE TABLE starts (a {{int}}) {{strict}};"},
                                            {"sample", 2, "first", "INSERT INTO starts VALUES (0);"}};
    for (int round = 0; round < 50; ++round) {
        testing::TempDir const directory;
        auto const url = "sqlite:" + directory.file("test.db");
        int gate[2];
        ASSERT_EQ(pipe(gate), 0);
        auto const start = [&] {
            close(gate[1]);
            char byte = 0;
            EXPECT_EQ(read(gate[0], &byte, 1), 0);  // until the parent closes the other end
            auto const store = store::open_store({.url = url, .clock = system_clock()});
            ASSERT_TRUE(store) << store.error().message;
            auto const migrated = (*store)->migrate(migrations);
            ASSERT_TRUE(migrated) << migrated.error().message;
            auto const written = (*store)->write_and_wait(
                nexpo::testing::kEverything, [](Transaction& tx, TransactionState&) -> Result<void> {
                    auto done = tx.execute("INSERT INTO starts VALUES (1)", {});
                    if (!done) return std::move(done).error();
                    return {};
                });
            EXPECT_TRUE(written) << written.error().message;
        };
        testing::ChildProcess first(start);
        testing::ChildProcess second(start);
        testing::ChildProcess third(start);
        close(gate[0]);
        close(gate[1]);
        ASSERT_EQ(first.wait(), 0) << "round " << round;
        ASSERT_EQ(second.wait(), 0) << "round " << round;
        ASSERT_EQ(third.wait(), 0) << "round " << round;
        SQLite::Database database(directory.file("test.db"));
        EXPECT_EQ(database.execAndGet("SELECT count(*) FROM starts WHERE a = 0").getInt(), 1);
        EXPECT_EQ(database.execAndGet("SELECT count(*) FROM starts WHERE a = 1").getInt(), 3);
        EXPECT_EQ(database.execAndGet("SELECT count(*) FROM nexpo_migrations").getInt(), 2);
    }
}

}  // namespace
}  // namespace nexpo

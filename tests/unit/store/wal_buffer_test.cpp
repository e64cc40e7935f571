// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/wal_buffer.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>

#include "support/temp_dir.hpp"

namespace nexpo::store {
namespace {

struct Close {
    void operator()(sqlite3* database) const { EXPECT_EQ(sqlite3_close(database), SQLITE_OK); }
};
using Database = std::unique_ptr<sqlite3, Close>;

int run(Database const& database, std::string const& sql) {
    return sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr);
}

std::string answer(Database const& database, std::string const& sql) {
    std::string text;
    auto const keep = [](void* into, int, char** values, char**) {
        *static_cast<std::string*>(into) = values[0] == nullptr ? "" : values[0];
        return 0;
    };
    EXPECT_EQ(sqlite3_exec(database.get(), sql.c_str(), keep, &text, nullptr), SQLITE_OK) << sql;
    return text;
}

/// Under the buffer: what reaches the file, and a disk that refuses it.
struct Disk {
    sqlite3_io_methods methods{};
    sqlite3_io_methods const* real = nullptr;
    int writes = 0;
    int syncs = 0;
    bool full = false;
    bool closed = false;

    /// The buffer stands in front of it, so that the file does not lead here.
    static inline Disk* only = nullptr;
};

class WalBuffer : public ::testing::Test {
 protected:
    WalBuffer() {
        writer_ = open();
        EXPECT_EQ(run(writer_,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (n INTEGER, x BLOB);"
                      "PRAGMA wal_autocheckpoint=0"),
                  SQLITE_OK);
        sqlite3_file* file = nullptr;
        EXPECT_EQ(sqlite3_file_control(writer_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &file), SQLITE_OK);
        disk_.real = file->pMethods;
        disk_.methods = *file->pMethods;
        disk_.methods.xWrite = [](sqlite3_file* at, void const* data, int amount, sqlite3_int64 offset) {
            auto& disk = *Disk::only;
            ++disk.writes;
            return disk.full ? SQLITE_FULL : disk.real->xWrite(at, data, amount, offset);
        };
        disk_.methods.xSync = [](sqlite3_file* at, int flags) {
            auto& disk = *Disk::only;
            ++disk.syncs;
            return disk.real->xSync(at, flags);
        };
        disk_.methods.xClose = [](sqlite3_file* at) {
            Disk::only->closed = true;
            return Disk::only->real->xClose(at);
        };
        Disk::only = &disk_;
        file->pMethods = &disk_.methods;
        EXPECT_TRUE(buffer_write_ahead_log(writer_.get()));
    }

    Database open() const {
        sqlite3* database = nullptr;
        EXPECT_EQ(sqlite3_open((directory_.path() / "x.db").c_str(), &database), SQLITE_OK);
        return Database(database);
    }
    /// Rows of a thousand bytes, in one transaction.
    static std::string insert(int count) {
        return "INSERT INTO t WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < " +
               std::to_string(count) + ") SELECT n, randomblob(1000) FROM c;";
    }

    testing::TempDir directory_;
    Disk disk_;
    Database writer_;
};

TEST_F(WalBuffer, PutsManyWritesIntoOne) {
    ASSERT_EQ(run(writer_, insert(1'000)), SQLITE_OK);
    EXPECT_LE(disk_.writes, 15) << "a million bytes, of which 131,071 go at once";
    EXPECT_EQ(disk_.syncs, 1);
    auto const reader = open();
    EXPECT_EQ(answer(reader, "SELECT count(*) FROM t"), "1000");
    EXPECT_EQ(answer(reader, "PRAGMA integrity_check"), "ok");
}

TEST_F(WalBuffer, WhatIsCommittedIsInTheFile) {
    for (int i = 1; i <= 20; ++i) {
        ASSERT_EQ(run(writer_, insert(1)), SQLITE_OK);
        // As after a crash: another copy of the files, of which nobody closes the first.
        auto const copy = directory_.path() / ("copy" + std::to_string(i));
        std::filesystem::copy_file(directory_.path() / "x.db", copy);
        std::filesystem::copy_file(directory_.path() / "x.db-wal", copy.string() + "-wal");
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open(copy.c_str(), &database), SQLITE_OK);
        EXPECT_EQ(answer(Database(database), "SELECT count(*) FROM t"), std::to_string(i));
    }
}

TEST_F(WalBuffer, ATransactionFindsItsOwnPagesThatItsCacheHadNoRoomFor) {
    ASSERT_EQ(run(writer_, "PRAGMA cache_size=10; BEGIN"), SQLITE_OK);
    ASSERT_EQ(run(writer_, insert(2'000)), SQLITE_OK);
    EXPECT_EQ(answer(writer_, "SELECT count(*) || ' ' || sum(length(x)) FROM t"), "2000 2000000");
    EXPECT_EQ(answer(open(), "SELECT count(*) FROM t"), "0") << "not committed";
    ASSERT_EQ(run(writer_, "ROLLBACK"), SQLITE_OK);
    ASSERT_EQ(run(writer_, insert(3)), SQLITE_OK);
    EXPECT_EQ(answer(open(), "SELECT count(*) FROM t"), "3");
    EXPECT_EQ(answer(open(), "PRAGMA integrity_check"), "ok");
}

TEST_F(WalBuffer, ACommitThatDoesNotFitFailsAndLeavesNothing) {
    ASSERT_EQ(run(writer_, insert(1)), SQLITE_OK);
    disk_.full = true;
    EXPECT_EQ(run(writer_, insert(100)), SQLITE_FULL);
    EXPECT_EQ(run(writer_, insert(1)), SQLITE_FULL);
    disk_.full = false;
    EXPECT_EQ(answer(writer_, "SELECT count(*) FROM t"), "1");
    ASSERT_EQ(run(writer_, insert(10)), SQLITE_OK);
    EXPECT_EQ(answer(open(), "SELECT count(*) FROM t"), "11");
    EXPECT_EQ(answer(open(), "PRAGMA integrity_check"), "ok");
}

TEST_F(WalBuffer, CheckpointsAndTheNewBeginningOfTheLogAreSound) {
    for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(run(writer_, insert(10)), SQLITE_OK);
        auto const* mode = i % 2 == 0 ? "PRAGMA wal_checkpoint(RESTART)" : "PRAGMA wal_checkpoint(TRUNCATE)";
        ASSERT_EQ(answer(writer_, mode), "0");
    }
    EXPECT_EQ(answer(open(), "SELECT count(*) FROM t"), "500");
    writer_.reset();
    EXPECT_TRUE(disk_.closed);
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "x.db-wal"));
    EXPECT_EQ(answer(open(), "SELECT count(*) FROM t"), "500");
}

TEST(WalBufferWithoutLog, IsRefused) {
    testing::TempDir const directory;
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((directory.path() / "x.db").c_str(), &database), SQLITE_OK);
    Database const closing(database);
    EXPECT_FALSE(buffer_write_ahead_log(database));
}

}  // namespace
}  // namespace nexpo::store

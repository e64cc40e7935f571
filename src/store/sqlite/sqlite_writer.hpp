// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "store/sqlite/sqlite_answers.hpp"
#include "store/sqlite/sqlite_connection.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// The one thread that writes. Whatever waits while a commit is being made durable is committed together with the next
/// one, so that the cost of the disk's flush is shared. A closure that fails leaves nothing, and the others all of
/// theirs.
class SqliteWriter {
 public:
    explicit SqliteWriter(std::unique_ptr<SqliteConnection> connection);
    ~SqliteWriter();
    SqliteWriter(SqliteWriter const&) = delete;
    SqliteWriter& operator=(SqliteWriter const&) = delete;

    void submit(Store::WriteClosure closure, Store::WriteDone done);
    StoreStats stats() const;
    void close();

 private:
    using Item = SqliteWrite;

    /// Takes both over unless it refuses.
    Result<void> enqueue(Store::WriteClosure& closure, Store::WriteDone& done);
    void work();
    void run_group(std::span<Item> items);
    void commit_group(std::span<Item> items);
    Result<void> begin();
    Result<void> try_group(std::span<Item> items, bool with_savepoints);
    void run_undoable(Item& item);
    void abandon();

    std::unique_ptr<SqliteConnection> connection_;
    SqliteAnswers answers_;
    int careful_groups_ = 0;  ///< So many of the next ones have savepoints.
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Item> queue_;
    StoreStats stats_;
    bool closing_ = false;
    std::once_flag closed_;
    std::thread thread_;
};

}  // namespace nexpo::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/sqlite/sqlite_answers.hpp"
#include "store/sqlite/sqlite_connection.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// The one thread that writes. Whatever comes while a commit is being made durable, or while closures run, is committed
/// together, so that the cost of the disk's flush is shared. A closure that fails leaves nothing, and the others all of
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
    enum class Way {
        growing,         ///< What comes while the group runs still gets into it.
        with_savepoints  ///< Each closure can be undone alone.
    };

    /// Takes both over unless it refuses.
    Result<void> enqueue(Store::WriteClosure& closure, Store::WriteDone& done);
    void work();
    bool wait_for_items();
    bool take_items();
    bool take_more();
    void commit_group();
    Result<void> try_group(Way way);
    void run_alone(Item& item);
    void run_undoable(Item& item);
    Result<void> begin();
    Result<void> commit();
    void abandon();

    std::unique_ptr<SqliteConnection> connection_;
    std::vector<Item> group_;
    int careful_groups_ = 0;  ///< So many of the next ones have savepoints.
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Item> queue_;
    StoreStats stats_;
    bool closing_ = false;
    std::once_flag closed_;
    SqliteAnswers answers_;
    std::thread thread_;
};

}  // namespace nexpo::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "store/sqlite/sqlite_connection.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// The one thread that writes. Whatever waits while a commit is being made durable is committed together with the next
/// one, each closure under a savepoint of its own, so that the cost of the disk's flush is shared.
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
    struct Item {
        Store::WriteClosure closure;
        Store::WriteDone done;
        Result<void> result{};
    };

    /// Takes both over unless it refuses.
    Result<void> enqueue(Store::WriteClosure& closure, Store::WriteDone& done);
    void work();
    void run_group(std::span<Item> items);
    void commit_group(std::span<Item> items);
    Result<void> begin();
    Result<void> try_group(std::span<Item> items);
    void run_one(Item& item);
    void abandon();

    std::unique_ptr<SqliteConnection> connection_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Item> queue_;
    StoreStats stats_;
    bool closing_ = false;
    std::once_flag closed_;
    std::thread thread_;
};

}  // namespace nexpo::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/sqlite/sqlite_connection.hpp"
#include "store/sqlite/sqlite_writer.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// A database file: one writer thread and a pool of reading connections that the callers' threads take turns with.
class SqliteStore final : public Store {
 public:
    static Result<std::unique_ptr<Store>> open(std::string path, StoreOptions options);
    ~SqliteStore() override;

    Result<void> migrate(std::span<Migration const> migrations) override;
    Result<void> read(Access const& access, ReadLimits const& limits, ReadFunction function) override;
    void write(Access access, WriteClosure closure, WriteDone done) override;
    StoreStats stats() const override;
    Signals& signals() noexcept override { return signals_; }
    void close() override;

 private:
    SqliteStore(std::string path, StoreOptions options, std::unique_ptr<SqliteConnection> writing);
    Result<std::unique_ptr<SqliteConnection>> take_reader(ReadLimits const& limits);
    void finish_read(std::unique_ptr<SqliteConnection> reader);
    void give_back(std::unique_ptr<SqliteConnection> reader);

    std::string path_;
    StoreOptions options_;
    Signals signals_;
    SqliteWriter writer_;

    std::mutex mutex_;
    std::condition_variable_any reader_free_;
    std::vector<std::unique_ptr<SqliteConnection>> idle_readers_;
    std::size_t open_readers_ = 0;
    bool closed_ = false;
};

}  // namespace nexpo::store

// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_store.hpp"

#include <utility>

#include "store/migrate.hpp"

namespace nexpo::store {

namespace {

Error closed_error() {
    return {Errc::unavailable, "closed", "the backend is closed"};
}

}  // namespace

Result<std::unique_ptr<Store>> SqliteStore::open(std::string path, std::size_t readers, std::shared_ptr<Clock> clock) {
    auto writing = SqliteConnection::open(path, SqliteConnection::Mode::write, *clock);
    if (!writing) return std::move(writing).error();
    return std::unique_ptr<Store>(new SqliteStore(std::move(path), readers, std::move(clock), std::move(*writing)));
}

SqliteStore::SqliteStore(std::string path, std::size_t readers, std::shared_ptr<Clock> clock,
                         std::unique_ptr<SqliteConnection> writing)
    : path_(std::move(path)), max_readers_(readers), clock_(std::move(clock)), writer_(std::move(writing)) {}

SqliteStore::~SqliteStore() {
    close();
}

Result<void> SqliteStore::migrate(std::span<Migration const> migrations) {
    auto const now = clock_->now();
    return write_and_wait([migrations, now](Transaction&, TransactionState& state) {
        return apply_migrations(state.session, migrations, now);
    });
}

Result<void> SqliteStore::read(ReadLimits const& limits, ReadFunction function) {
    auto taken = take_reader(limits);
    if (!taken) return std::move(taken).error();
    auto reader = std::move(*taken);

    reader->limit(&limits);
    auto result = reader->run("BEGIN");
    if (result) {
        Read snapshot(*reader);
        result = function(snapshot);
    }
    reader->limit(nullptr);
    bool const usable = !reader->in_transaction() || reader->run("COMMIT").has_value();
    if (usable) {
        give_back(std::move(reader));
    } else {
        reader.reset();
        give_back(nullptr);
    }
    return result;
}

Result<std::unique_ptr<SqliteConnection>> SqliteStore::take_reader(ReadLimits const& limits) {
    std::unique_lock lock(mutex_);
    auto const free = [this] { return closed_ || !idle_readers_.empty() || open_readers_ < max_readers_; };
    while (!free()) {
        bool const is_free = limits.deadline == std::chrono::steady_clock::time_point::max()
                                 ? reader_free_.wait(lock, limits.stop, free)
                                 : reader_free_.wait_until(lock, limits.stop, limits.deadline, free);
        if (is_free) break;
        if (limits.stop.stop_requested()) return Error{Errc::cancelled, "call_stopped", "the call was stopped"};
        return Error{Errc::deadline_exceeded, "deadline_exceeded", "the call took too long"};
    }
    if (closed_) return closed_error();
    if (!idle_readers_.empty()) {
        auto reader = std::move(idle_readers_.back());
        idle_readers_.pop_back();
        return reader;
    }
    ++open_readers_;
    lock.unlock();
    auto opened = SqliteConnection::open(path_, SqliteConnection::Mode::read, *clock_);
    if (!opened) give_back(nullptr);
    return opened;
}

void SqliteStore::give_back(std::unique_ptr<SqliteConnection> reader) {
    {
        std::lock_guard const lock(mutex_);
        if (reader && !closed_) {
            idle_readers_.push_back(std::move(reader));
        } else {
            --open_readers_;
        }
    }
    reader_free_.notify_all();
}

void SqliteStore::write(WriteClosure closure, WriteDone done) {
    writer_.submit(std::move(closure), std::move(done));
}

StoreStats SqliteStore::stats() const {
    return writer_.stats();
}

void SqliteStore::close() {
    std::vector<std::unique_ptr<SqliteConnection>> idle;
    {
        std::unique_lock lock(mutex_);
        closed_ = true;
        reader_free_.notify_all();
        idle = std::exchange(idle_readers_, {});
        open_readers_ -= idle.size();
        reader_free_.wait(lock, [this] { return open_readers_ == 0; });
    }
    idle.clear();
    writer_.close();  // last, so that it folds the write-ahead log back into the file
}

}  // namespace nexpo::store

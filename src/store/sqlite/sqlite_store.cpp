// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_store.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "store/call_errors.hpp"
#include "store/guarded.hpp"
#include "store/migrate.hpp"
#include "store/reading_from.hpp"

namespace nexpo::store {

Result<std::unique_ptr<Store>> SqliteStore::open(std::string path, StoreOptions options) {
    std::error_code unknown;
    if (!options.create && !std::filesystem::exists(path, unknown) && !unknown) {
        return Error{Errc::failed_precondition, "database_missing", "there is no database " + path};
    }
    auto writing = SqliteConnection::open(path, SqliteConnection::Mode::write, options);
    if (!writing) {
        auto error = std::move(writing).error();
        error.message += ": " + path;  // here and nowhere else: this error goes to who opens the backend
        return error;
    }
    return std::unique_ptr<Store>(new SqliteStore(std::move(path), std::move(options), std::move(*writing)));
}

SqliteStore::SqliteStore(std::string path, StoreOptions options, std::unique_ptr<SqliteConnection> writing)
    : path_(std::move(path)), options_(std::move(options)), writer_(std::move(writing)) {}

SqliteStore::~SqliteStore() {
    close();
}

Result<void> SqliteStore::migrate(std::span<Migration const> migrations) {
    auto const now = options_.clock->now();
    return write_and_wait({Scope::installation()}, [migrations, now](Transaction&, TransactionState& state) {
        return apply_migrations(state.session, migrations, now);
    });
}

Result<void> SqliteStore::read(Access const&, ReadLimits const& limits, ReadFunction function) {
    if (limits.stop.stop_requested()) return stopped_error();
    if (ReadingFrom::is(this)) return nested_read_error();
    ReadingFrom const nesting(this);
    auto taken = take_reader(limits);
    if (!taken) return std::move(taken).error();
    auto reader = std::move(*taken);

    reader->limit(&limits);
    reader->failure.reset();
    auto result = reader->begin_read();
    if (result) {
        result = guarded("read_failed", [&] {
            Read snapshot(*reader);
            return function(snapshot);
        });
    }
    reader->limit(nullptr);
    finish_read(std::move(reader));
    return result;
}

void SqliteStore::finish_read(std::unique_ptr<SqliteConnection> reader) {
    bool const usable = !reader->in_transaction() || reader->end_read().has_value();
    if (!usable) reader.reset();
    give_back(std::move(reader));
}

Result<std::unique_ptr<SqliteConnection>> SqliteStore::take_reader(ReadLimits const& limits) {
    std::unique_lock lock(mutex_);
    auto const free = [this] { return closed_ || !idle_readers_.empty() || open_readers_ < options_.readers; };
    if (!free()) {
        // The deadline is a time of the injected clock; the wait itself is measured by the machine's.
        bool const is_free =
            limits.deadline == std::chrono::steady_clock::time_point::max()
                ? reader_free_.wait(lock, limits.stop, free)
                : reader_free_.wait_for(lock, limits.stop, limits.deadline - options_.clock->steady_now(), free);
        if (!is_free) return limits.stop.stop_requested() ? stopped_error() : late_error();
    }
    if (closed_) return closed_error();
    if (!idle_readers_.empty()) {
        auto reader = std::move(idle_readers_.back());
        idle_readers_.pop_back();
        return reader;
    }
    ++open_readers_;
    lock.unlock();
    auto opened = SqliteConnection::open(path_, SqliteConnection::Mode::read, options_);
    if (!opened) give_back(nullptr);
    if (!opened && opened.error().reason == "storage_read_only") {
        // The writer could open the file, so it is something else that is missing, such as a file descriptor.
        return Error{Errc::unavailable, "storage_failed", "the database cannot be opened once more"};
    }
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

void SqliteStore::write(Access, WriteClosure closure, WriteDone done) {
    writer_.submit(std::move(closure), std::move(done));
}

StoreStats SqliteStore::stats() const {
    return writer_.stats();
}

void SqliteStore::close() {
    signals_.close();
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

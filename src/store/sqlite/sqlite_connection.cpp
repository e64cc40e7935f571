// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/sqlite_connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

#include "store/dialect.hpp"
#include "store/sqlite/sqlite_error.hpp"
#include "store/sqlite/sqlite_value.hpp"
#include "store/sqlite/wal_buffer.hpp"

namespace nexpo::store {

namespace {

/// An application that builds SQL text at run time must not fill the memory with statements.
constexpr std::size_t kMaxStatements = 512;
/// Pages that are changed again and again are written into the file less often than with SQLite's 1,000 frames. One
/// part of the log's index, through which readers look first, holds 4,062 (https://www.sqlite.org/walformat.html,
/// section 2.3).
constexpr char const* kCheckpoint = "PRAGMA wal_autocheckpoint=4000";
/// KiB. The writer meets every index of what it inserts; what it does not use it does not take.
constexpr char const* kWriterCache = "PRAGMA cache_size=-65536";
constexpr char const* kReaderCache = "PRAGMA cache_size=-8192";
/// Virtual machine steps between two looks at the stop token.
constexpr int kProgressSteps = 4'000;

int open_flags(SqliteConnection::Mode mode, StoreOptions const& options) {
    // Readers open read-write too: a reader of a WAL database takes part in its shared memory.
    int const create = mode == SqliteConnection::Mode::write && options.create ? SQLite::OPEN_CREATE : 0;
    return SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX | create;
}

/// Leaves the statement ready for the next caller, whatever happened.
class Execution {
 public:
    explicit Execution(SQLite::Statement& statement) : statement_(statement) {}
    Execution(Execution const&) = delete;
    Execution& operator=(Execution const&) = delete;
    ~Execution() {
        statement_.tryReset();
        try {
            statement_.clearBindings();
        } catch (SQLite::Exception const&) {
            // Bindings that could not be cleared are overwritten by the next execution.
            return;
        }
    }

 private:
    SQLite::Statement& statement_;
};

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(std::string const& path, Mode mode,
                                                                 StoreOptions const& options) {
    try {
        std::unique_ptr<SqliteConnection> connection(new SqliteConnection(path, mode, options));
        if (auto done = connection->configure(mode, options.busy_timeout); !done) return std::move(done).error();
        return connection;
    } catch (SQLite::Exception const& exception) {
        return sqlite_error(exception, "open");
    }
}

SqliteConnection::SqliteConnection(std::string const& path, Mode mode, StoreOptions const& options)
    : clock_(options.clock),
      database_(path, open_flags(mode, options), static_cast<int>(options.busy_timeout.count())),
      begin_(database_, "BEGIN"),
      commit_(database_, "COMMIT") {
    sqlite3_progress_handler(database_.getHandle(), kProgressSteps, &SqliteConnection::progress, this);
}

SqliteConnection::~SqliteConnection() = default;

Result<void> SqliteConnection::configure(Mode mode, std::chrono::milliseconds busy_timeout) {
    if (mode == Mode::write) {
        // SQLite opens a file that it may not write to for reading, and says nothing.
        if (sqlite3_db_readonly(database_.getHandle(), "main") == 1) return read_only_error();
        if (auto done = use_write_ahead_log(busy_timeout); !done) return done;
    }
    // FULL: an answered write survives power loss (https://www.sqlite.org/pragma.html#pragma_synchronous).
    for (auto const* pragma :
         {"PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA trusted_schema=OFF", "PRAGMA temp_store=MEMORY",
          "PRAGMA journal_size_limit=67108864", mode == Mode::write ? kWriterCache : kReaderCache, kCheckpoint}) {
        database_.exec(pragma);
    }
    if (mode == Mode::read) {
        database_.exec("PRAGMA query_only=ON");
        return {};
    }
    database_.exec("SELECT 1 FROM sqlite_schema");  // opens the log
    if (!buffer_write_ahead_log(database_.getHandle())) {
        return Error{Errc::internal, "storage_failed", "the write-ahead log is not open"};
    }
    return {};
}

/// Processes that open a fresh file at the same time meet here: SQLite does not wait for a lock that it wants to raise
/// (https://www.sqlite.org/c3ref/busy_handler.html), so that the waiting is done here.
Result<void> SqliteConnection::use_write_ahead_log(std::chrono::milliseconds busy_timeout) {
    auto const end = std::chrono::steady_clock::now() + busy_timeout;
    auto pause = std::chrono::milliseconds(1);
    while (true) {
        try {
            std::string const mode = database_.execAndGet("PRAGMA journal_mode=WAL");
            if (mode == "wal") return {};
            return Error{Errc::unavailable, "storage_failed", "the file system cannot hold a write-ahead log"};
        } catch (SQLite::Exception const& exception) {
            auto error = sqlite_error(exception, "journal_mode");
            if (error.reason != "database_busy" || std::chrono::steady_clock::now() >= end) return error;
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, std::chrono::milliseconds(50));
    }
}

bool SqliteConnection::in_transaction() const noexcept {
    return sqlite3_get_autocommit(database_.getHandle()) == 0;
}

int SqliteConnection::progress(void* self) noexcept {
    auto const& connection = *static_cast<SqliteConnection const*>(self);
    auto const* limits = connection.limits_;
    if (limits == nullptr) return 0;
    return limits->stop.stop_requested() || connection.clock_->steady_now() >= limits->deadline ? 1 : 0;
}

Error SqliteConnection::stopped_or(Error error) const {
    if (error.code == Errc::cancelled && limits_ != nullptr && !limits_->stop.stop_requested()) {
        return {Errc::deadline_exceeded, "deadline_exceeded", "the call took too long"};
    }
    return error;
}

Result<SqliteConnection::Prepared*> SqliteConnection::prepare(std::string_view sql, std::span<SqlParam const> params) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        auto expanded = expand_statement(sql, Dialect::sqlite);
        if (!expanded) return std::move(expanded).error();
        if (statements_.size() >= kMaxStatements) statements_.clear();
        auto prepared = std::make_unique<Prepared>(SQLite::Statement(database_, *expanded));
        prepared->rooms.resize(static_cast<std::size_t>(prepared->statement.getBindParameterCount()));
        found = statements_.emplace(std::string(sql), std::move(prepared)).first;
    }
    auto& [statement, rooms, mapped, fields] = *found->second;
    if (rooms.size() != params.size()) {
        return Error{Errc::internal, "sql_invalid", "wrong number of parameters: " + std::string(sql.substr(0, 80))};
    }
    for (std::size_t i = 0; i < params.size(); ++i) {
        bind(statement, static_cast<int>(i) + 1, params[i], rooms[i]);
    }
    return found->second.get();
}

Result<void> SqliteConnection::map_columns(Prepared& prepared, StructType const& type) {
    if (prepared.mapped == &type) return {};
    prepared.mapped = nullptr;
    prepared.fields.clear();
    for (int column = 0; column < prepared.statement.getColumnCount(); ++column) {
        auto const* field = type.find(prepared.statement.getColumnName(column));
        if (field == nullptr) {
            return Error{
                Errc::internal, "sql_mapping",
                std::string("column ") + prepared.statement.getColumnName(column) + " is no field of " + type.name()};
        }
        prepared.fields.push_back(field);
    }
    prepared.mapped = &type;
    return {};
}

Result<void> SqliteConnection::read_row(Prepared& prepared, ValueType const& row, void* value) {
    auto& statement = prepared.statement;
    if (row.kind != Kind::object) return read_column(statement.getColumn(0), row, value);
    for (int column = 0; column < static_cast<int>(prepared.fields.size()); ++column) {
        auto const& field = *prepared.fields[static_cast<std::size_t>(column)];
        auto* member = static_cast<char*>(value) + field.offset();
        if (auto read = read_column(statement.getColumn(column), field.type(), member); !read) return read;
    }
    return {};
}

Result<void> SqliteConnection::select(std::string_view sql, std::span<SqlParam const> params, ValueType const& row,
                                      void* sink, void* (*append)(void*)) try {
    auto prepared = prepare(sql, params);
    if (!prepared) return std::move(prepared).error();
    Execution const execution((*prepared)->statement);
    if (row.kind == Kind::object) {
        if (auto mapped = map_columns(**prepared, row.structure()); !mapped) return mapped;
    }
    while ((*prepared)->statement.executeStep()) {
        auto* place = append(sink);
        if (place == nullptr) break;
        if (auto read = read_row(**prepared, row, place); !read) return read;
    }
    return {};
} catch (SQLite::Exception const& exception) {
    return stopped_or(sqlite_error(exception, sql.substr(0, 80)));
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, std::span<SqlParam const> params) try {
    auto prepared = prepare(sql, params);
    if (!prepared) return std::move(prepared).error();
    auto& statement = (*prepared)->statement;
    Execution const execution(statement);
    auto const before = database_.getTotalChanges();
    while (statement.executeStep()) {
    }
    // A statement that changes no rows at all, such as CREATE TABLE, leaves the count of the one before.
    if (database_.getTotalChanges() == before) return std::int64_t{0};
    return static_cast<std::int64_t>(database_.getChanges());
} catch (SQLite::Exception const& exception) {
    return stopped_or(sqlite_error(exception, sql.substr(0, 80)));
}

Result<void> SqliteConnection::run(SQLite::Statement& statement) try {
    statement.exec();
    statement.reset();
    return {};
} catch (SQLite::Exception const& exception) {
    statement.tryReset();
    return sqlite_error(exception, "transaction");
}

Result<void> SqliteConnection::run_script(std::string_view sql) try {
    auto expanded = expand_sql(sql, Dialect::sqlite);
    if (!expanded) return std::move(expanded).error();
    database_.exec(*expanded);
    return {};
} catch (SQLite::Exception const& exception) {
    return sqlite_error(exception, sql.substr(0, 80));
}

}  // namespace nexpo::store

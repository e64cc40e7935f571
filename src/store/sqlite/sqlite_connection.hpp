// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "store/sql_session.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// One connection to the file with its prepared statements. Used by one thread at a time.
class SqliteConnection final : public SqlSession {
 public:
    enum class Mode { write, read };

    /// Errors: unavailable, data_loss.
    static Result<std::unique_ptr<SqliteConnection>> open(std::string const& path, Mode mode,
                                                          StoreOptions const& options);
    ~SqliteConnection() override;

    Result<void> select(std::string_view sql, std::span<SqlParam const> params, ValueType const& row, void* sink,
                        void* (*append)(void*)) override;
    Result<std::int64_t> execute(std::string_view sql, std::span<SqlParam const> params) override;
    Result<void> run_script(std::string_view sql) override;

    /// Begins and ends the snapshot of a read.
    Result<void> begin_read() { return run(begin_); }
    Result<void> end_read() { return run(commit_); }
    Result<void> run(std::string_view sql) {
        if (auto done = execute(sql, {}); !done) return std::move(done).error();
        return {};
    }
    /// False when SQLite has rolled the transaction back by itself, as it may after a full disk.
    bool in_transaction() const noexcept;
    /// Statements give up when the limits say so; null lifts them.
    void limit(ReadLimits const* limits) noexcept { limits_ = limits; }

 private:
    struct Prepared {
        SQLite::Statement statement;
        std::vector<std::string> rooms{};    ///< By parameter.
        StructType const* mapped = nullptr;  ///< What `fields` was made for.
        std::vector<Field const*> fields{};  ///< By column.
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };

    SqliteConnection(std::string const& path, Mode mode, StoreOptions const& options);
    Result<void> configure(Mode mode, std::chrono::milliseconds busy_timeout);
    Result<void> use_write_ahead_log(std::chrono::milliseconds busy_timeout);
    /// One of the statements that every read needs, without a search for it.
    static Result<void> run(SQLite::Statement& statement);
    Result<Prepared*> prepare(std::string_view sql, std::span<SqlParam const> params);
    static Result<void> map_columns(Prepared& prepared, StructType const& type);
    static Result<void> read_row(Prepared& prepared, ValueType const& row, void* value);
    Error stopped_or(Error error) const;
    static int progress(void* self) noexcept;

    std::shared_ptr<Clock> clock_;
    ReadLimits const* limits_ = nullptr;
    SQLite::Database database_;
    SQLite::Statement begin_;
    SQLite::Statement commit_;
    std::unordered_map<std::string, std::unique_ptr<Prepared>, Hash, std::equal_to<>> statements_;
};

}  // namespace nexpo::store

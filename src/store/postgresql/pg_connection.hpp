// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/postgresql/pg_server.hpp"
#include "store/postgresql/pg_value.hpp"
#include "store/sql_session.hpp"

namespace nexpo::store {

/// One connection with its prepared statements, kept in pipeline mode: a statement travels together with the scope that
/// it needs, and the end of a read is sent without waiting for the answer. Used by one thread at a time.
class PgConnection final : public SqlSession {
 public:
    /// `fallback` is asked when the server is gone before a transaction has begun; may be null.
    explicit PgConnection(std::shared_ptr<PgServer> server, std::shared_ptr<PgServer> fallback = nullptr);
    ~PgConnection() override;

    /// Connects unless it is connected.
    Result<void> open(ReadLimits const* limits);
    /// Uses a connection that was just made. Errors: unavailable.
    Result<void> adopt(std::unique_ptr<PgWire> wire);

    /// Starts a transaction; nothing is sent before its first statement. `limits` may be null and outlives it.
    /// `locks_rows`: see `Access`.
    void begin(ReadLimits const* limits, Scope first_scope, bool locks_rows = false);
    /// Ends a read, whatever became of it, without waiting.
    void finish();
    /// Commits and waits for it. Errors: the first failure of the transaction, which is then rolled back;
    /// unavailable (`commit_unknown`) when the connection is lost before the answer.
    Result<void> commit();
    void roll_back();

    Result<void> select(std::string_view sql, std::span<SqlParam const> params, ValueType const& row, void* sink,
                        void* (*append)(void*)) override;
    Result<std::int64_t> execute(std::string_view sql, std::span<SqlParam const> params) override;
    Result<void> execute_later(std::string_view sql, std::span<SqlParam const> params) override;
    Result<void> run_script(std::string_view sql) override;
    bool is_remote() const noexcept override { return true; }

    bool connected() const noexcept { return wire_ != nullptr; }
    /// Connected to the fallback.
    bool strayed() const noexcept { return strayed_; }
    /// The transaction failed because of what others did at the same time.
    bool conflicted() const noexcept { return conflicted_; }
    /// The connection was lost, and nothing of the transaction can have been committed.
    bool lost() const noexcept { return lost_ && !committing_; }
    /// Also asks where the write-ahead log stands after each commit.
    void watch_position() noexcept { watches_position_ = true; }
    /// What the last commit was told, if it asked; 0 when it was not.
    std::uint64_t position() const noexcept { return position_; }

 private:
    struct Prepared {
        std::string key{};
        std::string name{};  ///< Empty where nothing is prepared.
        std::string text{};
        int parameters = 0;
        StructType const* mapped = nullptr;  ///< What `fields` was made for.
        std::vector<Field const*> fields{};  ///< By column.
    };
    struct Expected {
        enum class Kind : std::uint8_t { preparation, statement, commit, position, sync } kind;
        std::shared_ptr<Prepared> statement{};
        bool ended = false;  ///< Of an earlier transaction, which nobody waits for any more.
    };

    bool explicit_transactions() const noexcept;
    std::string_view begin_statement() const noexcept;
    Result<void> start();
    Result<void> deallocate();
    Result<void> put_scope();
    Result<std::shared_ptr<Prepared>> prepare(std::string_view sql, PgParams const& params);
    Result<void> put(std::string_view sql, PgParams const& params, Expected::Kind kind = Expected::Kind::statement);
    Result<void> put_command(std::string_view sql, Expected::Kind kind = Expected::Kind::statement);
    Result<void> put_sync();
    Result<void> put_statement(std::string_view sql);
    Result<PgResult> run(std::string_view sql, std::span<SqlParam const> params);
    Result<PgResult> try_run(std::string_view sql);
    Result<PgResult> receive(PgPatience patience);
    void take(PgResult const& result, Expected const& expected);
    Result<void> map_columns(Prepared& prepared, pg_result const* result, StructType const& type) const;
    PgPatience patience() const noexcept { return server_->patience(limits_); }
    Error fail(Error error);
    Error lose();
    Error give_up(Error error);
    void abandon();
    void forget();
    void settle();

    std::shared_ptr<PgServer> server_;
    std::shared_ptr<PgServer> fallback_;
    std::unique_ptr<PgWire> wire_;
    std::unordered_map<std::string, std::shared_ptr<Prepared>> statements_;
    std::uint64_t prepared_count_ = 0;
    std::deque<Expected> expected_;
    std::shared_ptr<Prepared> last_;
    std::string key_;
    PgParams params_;
    PgParams scope_params_;
    PgParams no_params_;

    ReadLimits const* limits_ = nullptr;
    std::optional<Scope> sent_scope_;
    std::string what_;  ///< The beginning of the statement, for messages.
    bool locks_rows_ = false;
    bool in_transaction_ = false;
    bool conflicted_ = false;
    bool lost_ = false;
    bool committing_ = false;
    bool committed_ = false;
    bool strayed_ = false;
    bool watches_position_ = false;
    std::uint64_t position_ = 0;
};

}  // namespace nexpo::store

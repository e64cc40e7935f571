// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_connection.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "store/dialect.hpp"
#include "store/postgresql/pg_error.hpp"

namespace nexpo::store {

namespace {

/// An application that builds SQL text at run time must not fill the server's memory with statements.
constexpr std::size_t kMaxStatements = 512;

constexpr std::chrono::milliseconds kLastAnswer{500};

constexpr char const* kSetSession =
    "SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false)";
constexpr std::string_view kSetScope = "SELECT set_config('nexpo.organization', $1, true)";
constexpr std::string_view kPosition = "SELECT pg_current_wal_insert_lsn()";

std::string_view field_of(PGresult const* result, int field) {
    auto const* text = PQresultErrorField(result, field);
    return text == nullptr ? std::string_view() : std::string_view(text);
}

std::int64_t changed_rows(PGresult* result) {
    // A SELECT's count is not of changed rows.
    if (std::string_view(PQcmdStatus(result)).starts_with("SELECT")) return 0;
    std::string_view const text = PQcmdTuples(result);
    std::int64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

/// The SQLSTATE; a statement whose columns changed after it was prepared ("cached plan must not change result type") is
/// one that the database lost.
std::string_view state_of(PGresult const* result) {
    auto const state = field_of(result, PG_DIAG_SQLSTATE);
    bool const changed = state == "0A000" && field_of(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
    return changed ? "26000" : state;
}

bool ends_session(PGresult const* result) {
    auto const severity = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity == "FATAL" || severity == "PANIC" || pg_ends_session(state_of(result));
}

PgColumn column_of(PGresult const* result, int row, int column) {
    return {.type = PQftype(result, column),
            .null = PQgetisnull(result, row, column) != 0,
            .bytes = {PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))},
            .name = PQfname(result, column)};
}

std::uint64_t number_of(PGresult const* result) {
    if (PQntuples(result) != 1 || PQgetlength(result, 0, 0) != 8) return 0;
    std::uint64_t number = 0;
    for (char const c : std::string_view(PQgetvalue(result, 0, 0), 8)) {
        number = number << 8 | static_cast<unsigned char>(c);
    }
    return number;
}

}  // namespace

PgConnection::PgConnection(std::shared_ptr<PgServer> server, std::shared_ptr<PgServer> fallback)
    : server_(std::move(server)), fallback_(std::move(fallback)) {}

PgConnection::~PgConnection() {
    // The server would complain of an answer that nobody takes.
    if (!in_transaction_) settle();
}

/// Takes what is still to come, but waits for no more than a moment.
void PgConnection::settle() {
    if (wire_ == nullptr) return;
    ReadLimits limits;
    limits.deadline = server_->clock().steady_now() + kLastAnswer;
    if (!receive({&limits, &server_->clock()}) && !expected_.empty()) forget();
}

Result<void> PgConnection::open(ReadLimits const* limits) {
    if (wire_ != nullptr) return {};
    strayed_ = false;
    auto wire = server_->connect(limits);
    if (!wire && fallback_ && wire.error().code == Errc::unavailable) {
        strayed_ = true;
        wire = fallback_->connect(limits);
    }
    if (!wire) return std::move(wire).error();
    return adopt(std::move(*wire));
}

Result<void> PgConnection::adopt(std::unique_ptr<PgWire> wire) {
    forget();
    wire_ = std::move(wire);
    if (!server_->url().prepares()) return {};
    // libpq sends PGTZ and PGDATESTYLE of the environment, and nothing but this undoes it.
    if (PQsendQueryParams(wire_->get(), kSetSession, 0, nullptr, nullptr, nullptr, nullptr, 1) != 1) return lose();
    expected_.push_back({Expected::Kind::statement});
    return put_sync();
}

void PgConnection::forget() {
    wire_.reset();
    statements_.clear();
    expected_.clear();
    last_.reset();
    in_transaction_ = false;
}

Error PgConnection::fail(Error error) {
    if (!failure) failure = std::move(error);
    return *failure;
}

Error PgConnection::lose() {
    lost_ = true;
    forget();
    return fail(pg_unavailable());
}

/// Nobody waits any longer. Asking the server to stop might have to be waited for as well; it stops by itself when it
/// finds that the connection is gone (client_connection_check_interval).
Error PgConnection::give_up(Error error) {
    fail(std::move(error));
    forget();
    return *failure;
}

bool PgConnection::explicit_transactions() const noexcept {
    return server_->use() != PgUse::read || !server_->url().prepares();
}

std::string_view PgConnection::begin_statement() const noexcept {
    switch (server_->use()) {
        case PgUse::write:
            return locks_rows_ ? "BEGIN ISOLATION LEVEL READ COMMITTED" : "BEGIN ISOLATION LEVEL SERIALIZABLE";
        case PgUse::migrate:
            return "BEGIN ISOLATION LEVEL READ COMMITTED";
        case PgUse::read:
            break;
    }
    return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
}

void PgConnection::begin(ReadLimits const* limits, Scope first_scope, bool locks_rows) {
    limits_ = limits;
    locks_rows_ = locks_rows;
    scope = std::move(first_scope);
    sent_scope_.reset();
    failure.reset();
    conflicted_ = lost_ = committing_ = committed_ = false;
}

/// Before the first statement of a transaction.
Result<void> PgConnection::start() {
    if (auto opened = open(limits_); !opened) return fail(std::move(opened).error());
    if (statements_.size() >= kMaxStatements) {
        if (auto done = deallocate(); !done) return done;
    }
    in_transaction_ = true;
    if (!explicit_transactions()) return {};
    auto begun = put_command(begin_statement());
    auto const lock = server_->url().lock_statement(server_->use());
    return begun && !lock.empty() ? put_command(lock) : begun;
}

Result<void> PgConnection::deallocate() {
    statements_.clear();
    if (!server_->url().prepares()) return {};
    if (PQsendQueryParams(wire_->get(), "DEALLOCATE ALL", 0, nullptr, nullptr, nullptr, nullptr, 1) != 1) return lose();
    expected_.push_back({Expected::Kind::statement});
    return put_sync();  // what follows begins a transaction of its own
}

Result<void> PgConnection::put_scope() {
    if (sent_scope_ == scope) return {};
    SqlParam const params[] = {std::string_view(scope.text())};
    scope_params_.assign(params);
    if (auto put_it = put(kSetScope, scope_params_); !put_it) return put_it;
    sent_scope_ = scope;
    return {};
}

Result<std::shared_ptr<PgConnection::Prepared>> PgConnection::prepare(std::string_view sql, PgParams const& params) {
    key_.assign(sql);
    key_ += '\0';
    for (auto const type : params.types()) key_.append(reinterpret_cast<char const*>(&type), sizeof type);
    if (auto const found = statements_.find(key_); found != statements_.end()) return found->second;

    auto text = expand_statement(sql, Dialect::postgresql);
    if (!text) return fail(std::move(text).error());
    auto prepared = std::make_shared<Prepared>();
    prepared->key = key_;
    prepared->text = std::move(*text);
    prepared->parameters = count_parameters(prepared->text);
    if (prepared->parameters != params.size()) {
        return fail(Error{Errc::internal, "sql_invalid", "wrong number of parameters: " + what_});
    }
    if (server_->url().prepares()) {
        prepared->name = "n" + std::to_string(++prepared_count_);
        if (PQsendPrepare(wire_->get(), prepared->name.c_str(), prepared->text.c_str(), params.size(),
                          params.types().data()) != 1) {
            return lose();
        }
        expected_.push_back({Expected::Kind::preparation, prepared});
    }
    statements_.emplace(key_, prepared);
    return prepared;
}

Result<void> PgConnection::put(std::string_view sql, PgParams const& params, Expected::Kind kind) {
    auto prepared = prepare(sql, params);
    if (!prepared) return std::move(prepared).error();
    auto const& statement = **prepared;
    int const sent = statement.name.empty()
                         ? PQsendQueryParams(wire_->get(), statement.text.c_str(), params.size(), params.types().data(),
                                             params.values(), params.lengths(), params.formats(), 1)
                         : PQsendQueryPrepared(wire_->get(), statement.name.c_str(), params.size(), params.values(),
                                               params.lengths(), params.formats(), 1);
    if (sent != 1) return lose();
    last_ = *prepared;
    expected_.push_back({kind, std::move(*prepared)});
    return {};
}

Result<void> PgConnection::put_command(std::string_view sql, Expected::Kind kind) {
    return put(sql, no_params_, kind);
}

Result<void> PgConnection::put_sync() {
    if (PQpipelineSync(wire_->get()) != 1) return lose();
    expected_.push_back({Expected::Kind::sync});
    return {};
}

Result<void> PgConnection::put_statement(std::string_view sql) {
    if (failure) return *failure;
    what_.assign(sql.substr(0, 80));
    if (!in_transaction_) {
        if (auto started = start(); !started) return started;
    }
    if (auto scoped = put_scope(); !scoped) return scoped;
    return put(sql, params_);
}

Result<PgResult> PgConnection::try_run(std::string_view sql) {
    if (auto put_it = put_statement(sql); !put_it) return std::move(put_it).error();
    if (PQsendFlushRequest(wire_->get()) != 1) return lose();
    return receive(patience());
}

Result<PgResult> PgConnection::run(std::string_view sql, std::span<SqlParam const> params) {
    bool const is_first = !in_transaction_ && wire_ != nullptr;
    params_.assign(params);
    auto result = try_run(sql);
    if (result || !is_first || !lost_) return result;
    // The connection had gone stale while it was idle; nothing has been seen or done yet.
    failure.reset();
    sent_scope_.reset();
    lost_ = false;
    return try_run(sql);
}

/// Takes all answers that are due and gives the last one.
Result<PgResult> PgConnection::receive(PgPatience patience) {
    PgResult last;
    auto const flushed = wire_->flush(patience);
    if (!flushed) return give_up(flushed.error());
    if (!*flushed) return lose();
    while (!expected_.empty()) {
        auto result = wire_->next(patience);
        if (!result) return give_up(std::move(result).error());
        if (!*result) return lose();
        auto const status = PQresultStatus(result->get());
        if (wire_->lost() || (status == PGRES_FATAL_ERROR && ends_session(result->get()))) {
            take(*result, expected_.front());
            return lose();
        }
        bool const is_sync = expected_.front().kind == Expected::Kind::sync;
        if (is_sync && status != PGRES_PIPELINE_SYNC) {  // the commit that the sync stands for has failed
            take(*result, expected_.front());
            continue;
        }
        auto const expected = std::move(expected_.front());
        expected_.pop_front();
        if (is_sync) continue;
        take(*result, expected);
        if (auto end = wire_->next(patience); !end || *end) return lose();
        last = std::move(*result);
    }
    if (failure) return *failure;
    return last;
}

void PgConnection::take(PgResult const& result, Expected const& expected) {
    auto const status = PQresultStatus(result.get());
    // Also a commit that fails ends the transaction, unless the server has left it out.
    if (expected.kind == Expected::Kind::commit && status != PGRES_PIPELINE_ABORTED) in_transaction_ = false;
    switch (status) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
            if (expected.kind == Expected::Kind::commit) committed_ = true;
            if (expected.kind == Expected::Kind::position) position_ = number_of(result.get());
            return;
        case PGRES_PIPELINE_ABORTED:
            break;
        default: {
            auto const state = state_of(result.get());
            if (state.empty() || expected.ended) break;  // without a state the connection is lost
            bool const conflicts = pg_is_conflict(state);
            if (conflicts && server_->use() == PgUse::read) {
                fail(pg_replay_conflict());
                break;
            }
            if (!failure && conflicts) conflicted_ = true;
            fail(pg_error(state, field_of(result.get(), PG_DIAG_MESSAGE_PRIMARY), what_));
        }
    }
    if (expected.kind != Expected::Kind::preparation) return;
    auto const found = statements_.find(expected.statement->key);
    if (found != statements_.end() && found->second == expected.statement) statements_.erase(found);
}

void PgConnection::finish() {
    limits_ = nullptr;
    if (wire_ == nullptr || !in_transaction_) return;
    if (explicit_transactions()) return roll_back();
    if (!put_sync()) return;
    abandon();
    if (auto flushed = wire_->flush(patience()); !flushed || !*flushed) forget();
}

/// What is still to come concerns nobody.
void PgConnection::abandon() {
    in_transaction_ = false;
    for (auto& expected : expected_) expected.ended = true;
}

void PgConnection::roll_back() {
    if (wire_ == nullptr || !in_transaction_) return;
    // After an error the server skips everything up to the first sync.
    if (!put_sync() || !put_command("ROLLBACK") || !put_sync()) return forget();
    abandon();
    if (auto flushed = wire_->flush(patience()); !flushed || !*flushed) return forget();
    // PgBouncer gives the session away with the answer, and must not have got the next transaction before.
    if (!server_->url().prepares()) settle();
}

Result<void> PgConnection::commit() {
    if (failure) {
        roll_back();
        return *failure;
    }
    if (!in_transaction_) return {};  // nothing was asked of the database
    what_ = "COMMIT";
    position_ = 0;
    committing_ = true;
    auto sent = put_command("COMMIT", Expected::Kind::commit);
    if (sent) sent = put_sync();
    if (sent && watches_position_) {
        sent = put(kPosition, no_params_, Expected::Kind::position);
        if (sent) sent = put_sync();
    }
    if (sent && receive(patience())) return {};
    if (committed_) return {};  // whatever became of the question after it
    if (!connected()) {
        return Error{Errc::unavailable, "commit_unknown",
                     "the connection to the database was lost while it committed: repeat with the idempotency key"};
    }
    roll_back();  // if a statement that was put off has failed, and the COMMIT was left out
    return *failure;
}

Result<void> PgConnection::map_columns(Prepared& prepared, pg_result const* result, StructType const& type) const {
    bool const same = prepared.mapped == &type && !prepared.name.empty();
    if (same) return {};
    prepared.mapped = nullptr;
    prepared.fields.clear();
    for (int column = 0; column < PQnfields(result); ++column) {
        auto const* field = type.find(PQfname(result, column));
        if (field == nullptr) {
            return Error{Errc::internal, "sql_mapping",
                         std::string("column ") + PQfname(result, column) + " is no field of " + type.name()};
        }
        prepared.fields.push_back(field);
    }
    prepared.mapped = &type;
    return {};
}

Result<void> PgConnection::select(std::string_view sql, std::span<SqlParam const> params, ValueType const& row,
                                  void* sink, void* (*append)(void*)) {
    auto received = run(sql, params);
    if (!received) return std::move(received).error();
    auto const* result = received->get();
    int const rows = PQntuples(result);
    if (row.kind == Kind::object) {
        if (auto mapped = map_columns(*last_, result, row.structure()); !mapped) return mapped;
    } else if (rows > 0 && PQnfields(result) == 0) {
        return Error{Errc::internal, "sql_mapping", "the statement has no column"};
    }
    for (int i = 0; i < rows; ++i) {
        auto* place = append(sink);
        if (place == nullptr) break;
        if (row.kind != Kind::object) {
            if (auto read = read_column(column_of(result, i, 0), row, place); !read) return read;
            continue;
        }
        for (int column = 0; column < PQnfields(result); ++column) {
            auto const& field = *last_->fields[static_cast<std::size_t>(column)];
            auto* member = static_cast<char*>(place) + field.offset();
            if (auto read = read_column(column_of(result, i, column), field.type(), member); !read) return read;
        }
    }
    return {};
}

Result<std::int64_t> PgConnection::execute(std::string_view sql, std::span<SqlParam const> params) {
    auto received = run(sql, params);
    if (!received) return std::move(received).error();
    return changed_rows(received->get());
}

Result<void> PgConnection::execute_later(std::string_view sql, std::span<SqlParam const> params) {
    if (!in_transaction_) {  // a stale connection is found out by waiting
        auto done = execute(sql, params);
        return done ? Result<void>() : std::move(done).error();
    }
    params_.assign(params);
    return put_statement(sql);
}

Result<void> PgConnection::run_script(std::string_view sql) {
    auto text = expand_sql(sql, Dialect::postgresql);
    if (!text) return fail(std::move(text).error());
    if (server_->use() != PgUse::migrate) {
        return fail(Error{Errc::internal, "sql_invalid", "scripts are for migrations"});
    }
    // The session must be in a transaction, which a script would otherwise be on its own, and nothing on its way.
    if (auto begun = execute("SELECT 1", {}); !begun) return std::move(begun).error();
    if (auto synced = put_sync(); !synced) return synced;
    if (auto received = receive(patience()); !received) return std::move(received).error();
    auto result = wire_->run_script(*text);
    if (!result) return fail(std::move(result).error());
    what_.assign(sql.substr(0, 80));
    if (*result) take(*result, {Expected::Kind::statement});
    if (!*result || wire_->lost()) return lose();
    if (failure) return *failure;
    return {};
}

}  // namespace nexpo::store

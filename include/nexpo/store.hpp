// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief SQL from inside an operation: parameters, reads, transactions and migrations.
///
/// SQL is written once for SQLite and PostgreSQL. Parameters are `$1`, `$2`, … only. These words expand to what each
/// database calls it: `{{id}} {{text}} {{int}} {{bool}} {{timestamp}} {{json}} {{bytes}} {{strict}} {{in $n}}
/// {{skip_locked}} {{fold x}}`. Where the databases differ more than that, `{{sqlite …}}` and `{{postgresql …}}` hold
/// what only one of them gets, and `{{isolate table}};` in a migration lets PostgreSQL show the rows of a table with an
/// `organization_id` to calls of that organization only.

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/result.hpp"

namespace nexpo::inline v1 {

class SqlSession;
struct TransactionState;

/// JSON that is text already.
struct JsonText {
    std::string text{};  ///< One JSON value.
};

/// One bound parameter. It refers to what it was made from, which must outlive the call that it is passed to.
class SqlParam {
 public:
    /// The forms in which a parameter reaches the database.
    using Value =
        std::variant<std::nullptr_t, bool, std::int64_t, double, std::string_view, std::span<std::uint8_t const>,
                     Timestamp, std::span<std::string const>, std::string, JsonText>;

    SqlParam(std::nullptr_t) noexcept {}                                            ///< NULL
    SqlParam(bool value) noexcept : value_(value) {}                                ///< a boolean
    SqlParam(double value) noexcept : value_(value) {}                              ///< a double
    SqlParam(char const* text) noexcept : value_(std::string_view(text)) {}         ///< text
    SqlParam(std::string_view text) noexcept : value_(text) {}                      ///< text
    SqlParam(std::string const& text) noexcept : value_(std::string_view(text)) {}  ///< text
    SqlParam(std::string&& text) noexcept : value_(std::move(text)) {}              ///< text, kept by the parameter
    SqlParam(Bytes const& bytes) noexcept : value_(std::span<std::uint8_t const>(bytes)) {}  ///< bytes
    SqlParam(Timestamp time) noexcept : value_(time) {}                                      ///< a point in time
    SqlParam(std::vector<std::string> const& list) noexcept
        : value_(std::span<std::string const>(list)) {}              ///< texts, for `{{in $n}}`
    SqlParam(Json const& json) : value_(JsonText{json.dump()}) {}    ///< JSON
    SqlParam(JsonText json) noexcept : value_(std::move(json)) {}    ///< JSON
    SqlParam(Decimal const& number) : value_(number.to_string()) {}  ///< a decimal, as text
    /// a whole number
    template <std::integral I>
        requires(!std::same_as<I, bool>)
    SqlParam(I value) noexcept : value_(static_cast<std::int64_t>(value)) {}
    /// an enumerator's word, as text
    template <NamedEnum E>
    SqlParam(E value) noexcept : value_(to_word(value)) {}
    /// the value, or NULL
    template <class T>
    SqlParam(std::optional<T> const& value) : SqlParam(value ? SqlParam(*value) : SqlParam(nullptr)) {}

    /// The form that is bound.
    Value const& value() const noexcept { return value_; }

 private:
    Value value_{nullptr};
};

/// A consistent snapshot of the database. Valid only inside the function that received it, on that thread.
/// Errors of every statement: invalid use of SQL is `internal`; a database that cannot answer is `unavailable`; a
/// stopped call is `cancelled` or `deadline_exceeded`.
class NEXPO_API Read {
 public:
    /// Made by the library.
    explicit Read(SqlSession& session) noexcept : session_(&session) {}
    Read(Read const&) = delete;
    Read& operator=(Read const&) = delete;

    /// Every row, as described structs (columns are matched to fields by name) or as single values.
    template <class T>
    Result<std::vector<T>> all(std::string_view sql, std::initializer_list<SqlParam> params) const {
        std::vector<T> rows;
        auto const append = [](void* at) -> void* { return &static_cast<std::vector<T>*>(at)->emplace_back(); };
        if (auto done = select(sql, {params.begin(), params.size()}, value_type<T>(), &rows, append); !done) {
            return std::move(done).error();
        }
        return rows;
    }

    /// The first row, if there is one.
    template <class T>
    Result<std::optional<T>> one(std::string_view sql, std::initializer_list<SqlParam> params) const {
        std::optional<T> row;
        auto const append = [](void* at) -> void* {
            auto& first = *static_cast<std::optional<T>*>(at);
            return first ? nullptr : &first.emplace();
        };
        if (auto done = select(sql, {params.begin(), params.size()}, value_type<T>(), &row, append); !done) {
            return std::move(done).error();
        }
        return row;
    }

    /// Reads rows into `sink`: `append` gives the place for the next row, or null to stop. What `all` and `one` use.
    Result<void> select(std::string_view sql, std::span<SqlParam const> params, ValueType const& row, void* sink,
                        void* (*append)(void*)) const;

    /// For the library itself.
    SqlSession& session() const noexcept { return *session_; }

 protected:
    SqlSession* session_;  ///< The connection, never null.
};

/// A snapshot that can be changed. Everything that one call writes is committed together or not at all.
/// Valid only inside the function that received it, on that thread.
class NEXPO_API Transaction : public Read {
 public:
    /// Made by the library.
    Transaction(SqlSession& session, TransactionState& state) noexcept : Read(session), state_(&state) {}

    /// Runs one statement; answers the number of changed rows. Errors: as for Read, and `already_exists` (`conflict`)
    /// or `failed_precondition` (`constraint_violated`) when a constraint refuses it.
    Result<std::int64_t> execute(std::string_view sql, std::initializer_list<SqlParam> params) const {
        return execute_untyped(sql, {params.begin(), params.size()});
    }

    /// What `execute` uses.
    Result<std::int64_t> execute_untyped(std::string_view sql, std::span<SqlParam const> params) const;

    /// Records an event with the same commit. The operation declares it in `emits`.
    template <class T>
    void emit(std::string_view event, T const& payload) const {
        emit_json(event, to_json(payload));
    }

    /// What `emit` uses: `payload` is a struct of `type`.
    void emit_untyped(std::string_view event, StructType const& type, void const* payload) const {
        emit_json(event, to_json(type, payload));
    }

    /// Queues a job with the same commit and answers its id, or that of the job that it would repeat (see `JobOptions`
    /// in `nexpo/work.hpp`). `In` is what the kind's handler takes. Errors: invalid_argument (`validation_failed`: an
    /// option, or an input that breaks its rules or has more than 1 MiB as JSON), internal (`job_unknown`: no handler
    /// takes this kind; `type_mismatch`: it takes something else).
    template <class In>
    Result<std::string> enqueue(std::string_view kind, In const& input, JobOptions const& options) const {
        return enqueue_untyped(kind, struct_type<In>(), &input, options);
    }

    /// What `enqueue` uses.
    Result<std::string> enqueue_untyped(std::string_view kind, StructType const& type, void const* input,
                                        JobOptions const& options) const;

    /// Names the record that this call changes, for the audit row.
    void audit_target(std::string_view id) const;
    /// Names the organization of the audit row, where the caller has none yet (signing in or up).
    void audit_organization(std::string_view id) const;

    /// Runs `function` once everything is committed and before the answer is given. It must be quick and must not
    /// throw.
    void after_commit(std::function<void()> function) const;

    /// Commits what was written although the call fails: `return tx.refuse(error);`. Used where a refusal must leave a
    /// trace, such as counting a failed sign-in.
    Error refuse(Error error) const;

 private:
    void emit_json(std::string_view event, std::string payload) const;

    TransactionState* state_;
};

/// One step of a schema, applied once per database and never changed after a release.
struct Migration {
    std::string owner{};  ///< Whose tables: a word of your own; `nexpo/…` is taken.
    int number = 0;       ///< 1, 2, 3, … without gaps per owner.
    std::string name{};   ///< What it does, in snake_case.
    std::string sql{};    ///< One or more statements, separated by `;` at the end of a line.
};

}  // namespace nexpo::inline v1

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/fwd.hpp"
#include "nexpo/store.hpp"
#include "store/scope.hpp"

namespace nexpo::store {

/// How deep JSON in a column may nest: what is kept has levels around it that nobody sent.
inline constexpr std::size_t kStoredDepth = 512;

}  // namespace nexpo::store

namespace nexpo::inline v1 {

/// One connection while a read or a transaction uses it. Implemented per database; used by one thread at a time.
class SqlSession {
 public:
    SqlSession() = default;
    SqlSession(SqlSession const&) = delete;
    SqlSession& operator=(SqlSession const&) = delete;
    virtual ~SqlSession() = default;

    virtual Result<void> select(std::string_view sql, std::span<SqlParam const> params, ValueType const& row,
                                void* sink, void* (*append)(void*)) = 0;
    virtual Result<std::int64_t> execute(std::string_view sql, std::span<SqlParam const> params) = 0;
    /// Runs one statement that nobody asks for the number of changed rows. A session that pays for each answer may put
    /// it off: a failure then shows in a later statement or in the commit.
    virtual Result<void> execute_later(std::string_view sql, std::span<SqlParam const> params) {
        if (failure) return *failure;
        auto done = execute(sql, params);
        if (done) return {};
        failure = done.error();
        return std::move(done).error();
    }
    /// Each answer is a way over a socket: one statement for many rows is better than one for each.
    virtual bool is_remote() const noexcept { return false; }
    /// Runs several statements without parameters.
    virtual Result<void> run_script(std::string_view sql) = 0;

    /// Whose rows the next statements may touch.
    store::Scope scope = store::Scope::organization({});
    /// The first statement that failed. Nothing can be committed after it.
    std::optional<Error> failure{};
};

/// Takes the jobs that a closure queues; implemented where it is known for whom the closure runs.
class TransactionJobs {
 public:
    virtual ~TransactionJobs() = default;
    virtual Result<std::string> enqueue(Transaction const& tx, TransactionState& state, std::string_view kind,
                                        StructType const& type, void const* input, JobOptions const& options) = 0;
};

/// What a closure left behind besides its SQL.
struct TransactionState {
    struct Event {
        std::string name;
        std::string payload;
    };

    SqlSession& session;
    std::vector<Event> events{};
    std::string audit_target{};
    std::string audit_organization{};
    std::vector<std::function<void()>> after_commit{};
    TransactionJobs* jobs = nullptr;
    std::optional<Error> refusal{};  ///< Commit, then answer with this.
};

}  // namespace nexpo::inline v1

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/store.hpp"
#include "nexpo/time.hpp"
#include "store/scope.hpp"
#include "store/signals.hpp"
#include "telemetry/log.hpp"

namespace nexpo::store {

struct StoreOptions {
    std::string url{};  ///< `sqlite:<file>` or `postgresql://…`.
    std::size_t readers = 8;
    std::shared_ptr<Clock> clock{};
    bool create = true;                              ///< A missing file is made.
    std::chrono::milliseconds busy_timeout{10'000};  ///< How long to wait for a lock that another process holds.
    // PostgreSQL only:
    std::chrono::milliseconds answer_timeout{30'000};  ///< A write is given up when the server is silent for so long.
    std::size_t writers = 16;
    Secret owner_url{};  ///< Of the role that owns the tables; empty: the role of `url` migrates.
    std::vector<std::string> replica_urls{};
    std::chrono::milliseconds replica_lag{5'000};  ///< A replica that is further behind is not read from.
    telemetry::Logger log{};
};

/// When a read gives up.
struct ReadLimits {
    std::stop_token stop{};
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// For whom the database is used.
struct Access {
    Scope scope;
    std::string caller{};  ///< A replica must know of this caller's writes; empty: only the primary will do.
    /// The closure locks the rows that it relies on, or names in each statement what it relies on. PostgreSQL then
    /// looks for no other conflicts (READ COMMITTED).
    bool locks_rows = false;
};

/// Figures for metrics.
struct StoreStats {
    std::uint64_t writes = 0;   ///< Closures that were committed.
    std::uint64_t commits = 0;  ///< Transactions that carried them.
    std::uint64_t retried_groups = 0;
    std::size_t queued = 0;
    std::uint64_t repeats = 0;  ///< Closures that ran again, because others changed the same records.
    std::size_t connections = 0;
    std::size_t readers_waiting = 0;
};

/// The database. Thread-safe.
class Store {
 public:
    using WriteClosure = std::function<Result<void>(Transaction&, TransactionState&)>;
    using WriteDone = std::function<void(Result<void>)>;
    using ReadFunction = base::FunctionRef<Result<void>(Read&)>;

    Store() = default;
    Store(Store const&) = delete;
    Store& operator=(Store const&) = delete;
    virtual ~Store() = default;

    /// Applies what is missing, under a lock. Errors: failed_precondition (`database_newer`, `migration_changed`).
    virtual Result<void> migrate(std::span<Migration const> migrations) = 0;
    /// Says whether all of them are applied. Errors: failed_precondition (`database_newer`, `migration_changed`,
    /// `migration_missing`).
    Result<void> check(std::span<Migration const> migrations);
    /// Runs `function` on a snapshot, on this thread.
    virtual Result<void> read(Access const& access, ReadLimits const& limits, ReadFunction function) = 0;
    /// Commits what `closure` writes unless it answers an error. `done` is called once it is durable, on a thread of
    /// the store (or at once when the store is closed or its queue is full), and must not block. `closure` may run
    /// twice.
    virtual void write(Access access, WriteClosure closure, WriteDone done) = 0;
    /// Commits and waits.
    Result<void> write_and_wait(Access access, WriteClosure closure);
    /// Whether a read waits for more than this machine's own disk.
    virtual bool may_block() const noexcept { return false; }
    virtual StoreStats stats() const = 0;
    /// Hints to all who use this database.
    virtual Signals& signals() noexcept = 0;
    /// Finishes what is queued while the database answers, and closes the connections; later calls: `unavailable`.
    virtual void close() = 0;
};

/// Opens the database that the URL names. Errors: invalid_argument, unavailable, data_loss.
Result<std::unique_ptr<Store>> open_store(StoreOptions options);

}  // namespace nexpo::store

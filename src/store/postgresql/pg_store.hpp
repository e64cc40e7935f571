// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "store/postgresql/pg_pool.hpp"
#include "store/postgresql/pg_replicas.hpp"
#include "store/postgresql/pg_signals.hpp"
#include "store/postgresql/pg_writers.hpp"
#include "store/store.hpp"

namespace nexpo::store {

/// A PostgreSQL server: a pool for reading, threads for writing, and replicas to read from.
class PgStore final : public Store {
 public:
    /// Errors: invalid_argument (a URL), unavailable.
    static Result<std::unique_ptr<Store>> open(StoreOptions options);
    ~PgStore() override;

    Result<void> migrate(std::span<Migration const> migrations) override;
    Result<void> read(Access const& access, ReadLimits const& limits, ReadFunction function) override;
    void write(Access access, WriteClosure closure, WriteDone done) override;
    bool may_block() const noexcept override { return true; }
    StoreStats stats() const override;
    Signals& signals() noexcept override { return signals_; }
    void close() override;

 private:
    struct Urls {
        PgUrl application;
        std::optional<PgUrl> owner;
        std::vector<PgUrl> replicas;
    };

    static Result<Urls> parse(StoreOptions const& options);
    PgStore(StoreOptions options, Urls urls);
    Result<void> connect();
    /// Warns of what the application's role should not be able to do.
    Result<void> look_at_role(Read& read) const;
    Result<std::unique_ptr<PgConnection>> take(PgPool*& pool, ReadLimits const& limits);

    StoreOptions options_;
    Urls urls_;
    std::shared_ptr<PgServer> reading_;
    PgPool pool_;
    std::unique_ptr<PgReplicas> replicas_;
    PgWriters writers_;
    PgSignals signals_;
};

}  // namespace nexpo::store

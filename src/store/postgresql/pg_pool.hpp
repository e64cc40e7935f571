// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "store/postgresql/pg_connection.hpp"

namespace nexpo::store {

/// Connections to one server that the callers' threads take turns with. Thread-safe.
class PgPool {
 public:
    /// At most `size` connections, made when they are needed; `fallback` as for PgConnection.
    PgPool(std::shared_ptr<PgServer> server, std::size_t size, std::shared_ptr<PgServer> fallback = nullptr);

    /// A connection for one read, waited for until the limits say otherwise.
    Result<std::unique_ptr<PgConnection>> take(ReadLimits const& limits);
    void give_back(std::unique_ptr<PgConnection> connection);
    /// Puts a connection that was just made into the pool. Errors: unavailable.
    Result<void> add(std::unique_ptr<PgWire> wire);
    /// Waits for every connection to come back.
    void close();

    std::size_t open() const;
    std::size_t waiting() const;

 private:
    using Lock = std::unique_lock<std::mutex>;

    /// Waits for an idle connection, or for the right to make one.
    Result<void> wait(Lock& lock, ReadLimits const& limits, bool server_is_full);

    std::shared_ptr<PgServer> server_;
    std::shared_ptr<PgServer> fallback_;
    std::size_t size_;

    mutable std::mutex mutex_;
    std::condition_variable_any free_;
    std::vector<std::unique_ptr<PgConnection>> idle_;
    std::size_t open_ = 0;
    std::size_t waiting_ = 0;
    bool closed_ = false;
};

}  // namespace nexpo::store

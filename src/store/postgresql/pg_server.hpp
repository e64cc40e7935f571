// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "store/postgresql/pg_url.hpp"
#include "store/postgresql/pg_wire.hpp"
#include "telemetry/log.hpp"

namespace nexpo::store {

/// A server, or several that stand in for each other, as connections of one kind see it. Thread-safe.
class PgServer {
 public:
    /// A wait for the server that nobody else limits ends after `silence`; null: it does not.
    PgServer(PgUrl url, PgUse use, std::chrono::milliseconds silence, std::shared_ptr<Clock> clock,
             telemetry::Logger log)
        : url_(std::move(url)), use_(use), silence_(silence), clock_(std::move(clock)), log_(std::move(log)) {}

    /// Connects, and logs when the server goes away and comes back. Errors: as PgWire::connect.
    Result<std::unique_ptr<PgWire>> connect(ReadLimits const* limits);
    /// The same, and the error says more: for who opens the backend.
    Result<std::unique_ptr<PgWire>> connect_first();

    PgUrl const& url() const noexcept { return url_; }
    PgUse use() const noexcept { return use_; }
    Clock& clock() const noexcept { return *clock_; }
    PgPatience patience(ReadLimits const* limits) const noexcept { return {limits, clock_.get(), silence_}; }

 private:
    PgUrl url_;
    PgUse use_;
    std::chrono::milliseconds silence_;
    std::shared_ptr<Clock> clock_;
    telemetry::Logger log_;
    std::atomic<std::size_t> host_ = 0;  ///< The one that answered last.
    std::atomic<bool> away_ = false;
};

}  // namespace nexpo::store

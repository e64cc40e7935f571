// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "backend/ticker.hpp"
#include "nexpo/audit.hpp"
#include "operation/audit_seal.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace nexpo::backend {

/// Seals the audit, every second once started. Thread-safe.
class AuditSealer {
 public:
    AuditSealer(store::Store& store, operation::AuditKey key, std::shared_ptr<Clock> clock,
                std::shared_ptr<Random> random, telemetry::Logger log, telemetry::Metrics& metrics);

    void start();
    /// Seals what waits and answers how many rows that were.
    Result<std::int64_t> seal();
    Result<AuditReport> verify() const;
    /// Stops, and seals what is left if it was started.
    void close();

 private:
    void seal_and_log();
    void report(operation::SealOutcome const& outcome);

    store::Store& store_;
    operation::AuditKey key_;
    operation::AuditSeal seal_;
    telemetry::Logger log_;
    std::atomic<std::size_t> broken_ = 0;
    std::mutex mutex_;
    std::set<std::string> reported_;  ///< Broken chains that the log knows of.
    bool failing_ = false;            ///< One line for a database that is away, not one a second.
    std::optional<Ticker> ticker_;
};

}  // namespace nexpo::backend

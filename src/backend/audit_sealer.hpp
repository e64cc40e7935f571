// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "backend/ticker.hpp"
#include "nexpo/audit.hpp"
#include "operation/audit_seal.hpp"
#include "telemetry/log.hpp"

namespace nexpo::backend {

/// Seals the audit, every second once started. Thread-safe.
class AuditSealer {
 public:
    AuditSealer(store::Store& store, operation::AuditKey key, std::shared_ptr<Clock> clock,
                std::shared_ptr<Random> random, telemetry::Logger log);

    void start();
    Result<std::int64_t> seal() const { return seal_.run(); }
    Result<AuditReport> verify() const;
    /// Stops, and seals what is left if it was started.
    void close();

 private:
    void seal_and_log();

    store::Store& store_;
    operation::AuditKey key_;
    operation::AuditSeal seal_;
    telemetry::Logger log_;
    bool failing_ = false;  ///< One line for a database that is away, not one a second.
    std::optional<Ticker> ticker_;
};

}  // namespace nexpo::backend

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "nexpo/audit.hpp"
#include "nexpo/work.hpp"
#include "operation/audit_seal.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace nexpo::backend {

/// Seals the audit. Thread-safe.
class AuditSealer {
 public:
    AuditSealer(store::Store& store, operation::AuditKey key, std::shared_ptr<Clock> clock,
                std::shared_ptr<Random> random, telemetry::Logger log, telemetry::Metrics& metrics);

    /// Declares the job that seals every minute. The sealer outlives the job's engine.
    void add_jobs(JobTable& jobs);
    /// Seals what waits and answers how many rows that were.
    Result<std::int64_t> seal();
    Result<AuditReport> verify() const;

 private:
    void report(operation::SealOutcome const& outcome);

    store::Store& store_;
    operation::AuditKey key_;
    operation::AuditSeal seal_;
    telemetry::Logger log_;
    std::atomic<std::size_t> broken_ = 0;
    std::mutex mutex_;
    std::set<std::string> reported_;  ///< Broken chains that the log knows of.
};

}  // namespace nexpo::backend

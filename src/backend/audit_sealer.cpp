// SPDX-License-Identifier: Apache-2.0
#include "backend/audit_sealer.hpp"

#include <exception>

#include "operation/audit_verify.hpp"

namespace nexpo::backend {

AuditSealer::AuditSealer(store::Store& store, operation::AuditKey key, std::shared_ptr<Clock> clock,
                         std::shared_ptr<Random> random, telemetry::Logger log, telemetry::Metrics& metrics)
    : store_(store),
      key_(key),
      seal_(store, store::Scope::installation(), std::move(key), std::move(clock), std::move(random)),
      log_(std::move(log)) {
    metrics.gauge("nexpo_audit_broken_chains", "Audit chains that somebody changed, at the last sealing.", {},
                  [this] { return static_cast<double>(broken_.load()); });
}

void AuditSealer::start() {
    ticker_.emplace(std::chrono::seconds(1), [this] { seal_and_log(); });
}

Result<std::int64_t> AuditSealer::seal() {
    auto outcome = seal_.run();
    if (!outcome) return std::move(outcome).error();
    report(*outcome);
    return outcome->sealed;
}

Result<AuditReport> AuditSealer::verify() const {
    return operation::verify_audit(store_, store::Scope::installation(), key_);
}

void AuditSealer::close() {
    if (!ticker_) return;
    ticker_.reset();
    seal_and_log();
}

void AuditSealer::report(operation::SealOutcome const& outcome) {
    broken_ = outcome.broken.size();
    std::lock_guard const lock(mutex_);
    for (auto const& organization : outcome.broken) {
        if (!reported_.insert(organization).second) continue;
        log_.error("an audit chain is not as it was signed; its new rows are not sealed",
                   {{"organization_id", organization}});
    }
}

void AuditSealer::seal_and_log() {
    auto const sealed = [this]() -> Result<std::int64_t> {
        try {
            return seal();
        } catch (std::exception const& exception) {  // no memory; the thread must go on
            return Error{Errc::internal, "exception", exception.what()};
        }
    }();
    if (!sealed && !failing_) log_.error("the audit was not sealed", {{"reason", sealed.error().reason}});
    failing_ = !sealed;
}

}  // namespace nexpo::backend

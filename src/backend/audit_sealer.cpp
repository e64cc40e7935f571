// SPDX-License-Identifier: Apache-2.0
#include "backend/audit_sealer.hpp"

#include "operation/audit_verify.hpp"

namespace nexpo::backend {

AuditSealer::AuditSealer(store::Store& store, operation::AuditKey key, std::shared_ptr<Clock> clock,
                         std::shared_ptr<Random> random, telemetry::Logger log)
    : store_(store),
      key_(key),
      seal_(store, store::Scope::installation(), std::move(key), std::move(clock), std::move(random)),
      log_(std::move(log)) {}

void AuditSealer::start() {
    ticker_.emplace(std::chrono::seconds(1), [this] { seal_and_log(); });
}

Result<AuditReport> AuditSealer::verify() const {
    return operation::verify_audit(store_, store::Scope::installation(), key_);
}

void AuditSealer::close() {
    if (!ticker_) return;
    ticker_.reset();
    seal_and_log();
}

void AuditSealer::seal_and_log() {
    auto const sealed = seal_.run();
    if (!sealed && !failing_) log_.error("the audit was not sealed", {{"reason", sealed.error().reason}});
    failing_ = !sealed;
}

}  // namespace nexpo::backend

// SPDX-License-Identifier: Apache-2.0
#include "backend/audit_sealer.hpp"

#include "operation/audit_verify.hpp"

namespace nexpo::backend {

namespace {

constexpr char const* kSealAudit = "nexpo.seal_audit";

}  // namespace

AuditSealer::AuditSealer(store::Store& store, operation::AuditKey key, std::shared_ptr<Clock> clock,
                         std::shared_ptr<Random> random, telemetry::Logger log, telemetry::Metrics& metrics)
    : store_(store),
      key_(key),
      seal_(store, store::Scope::installation(), std::move(key), std::move(clock), std::move(random)),
      log_(std::move(log)) {
    metrics.gauge("nexpo_audit_broken_chains", "Audit chains that somebody changed, at the last sealing.", {},
                  [this] { return static_cast<double>(broken_.load()); });
}

void AuditSealer::add_jobs(JobTable& jobs) {
    jobs.add<Empty, Empty>(
        {.name = kSealAudit, .summary = "Seals the audit rows that have come since", .keep = std::chrono::hours(1)},
        [this](JobRun&, Empty const&) -> Reply<Empty> {
            auto sealed = seal();
            if (!sealed) return std::move(sealed).error();
            return Empty{};
        });
    jobs.schedule(kSealAudit, kSealAudit, {.rule = "* * * * *", .overlap = false}, Empty{});
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

void AuditSealer::report(operation::SealOutcome const& outcome) {
    broken_ = outcome.broken.size();
    std::lock_guard const lock(mutex_);
    for (auto const& organization : outcome.broken) {
        if (!reported_.insert(organization).second) continue;
        log_.error("an audit chain is not as it was signed; its new rows are not sealed",
                   {{"organization_id", organization}});
    }
}

}  // namespace nexpo::backend

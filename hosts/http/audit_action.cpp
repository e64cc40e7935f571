// SPDX-License-Identifier: Apache-2.0
#include "http/audit_action.hpp"

#include <utility>

#include "common/first_run.hpp"
#include "nexpo/backend.hpp"

namespace nexpo::http_host {

namespace {

std::string_view meaning(AuditFaultKind kind) {
    switch (kind) {
        case AuditFaultKind::changed:
            return "is not what was sealed";
        case AuditFaultKind::removed:
            return "is missing";
        case AuditFaultKind::head_missing:
            return "is the last one, and nothing signed says so";
        case AuditFaultKind::head_mismatch:
            return "does not end the chain as it was signed";
        case AuditFaultKind::head_unverified:
            return "ends the chain under a signature that is not good";
        case AuditFaultKind::begin_missing:
            return "ends a chain whose beginning was not noted";
        case AuditFaultKind::begun_twice:
            break;
    }
    return "ends a chain that was begun anew after its rows were taken away";
}

}  // namespace

Result<AuditReport> verify_audit(HttpSettings settings) {
    settings.backend.migrate = false;  // a mistyped path must not look like an audit that is fine
    if (auto prepared = hosts::prepare_files(settings.backend); !prepared) return std::move(prepared).error();
    settings.backend.threads.jobs = 0;  // the processes that serve do the work
    auto const backend = Backend::open(std::move(settings.backend));
    if (!backend) return backend.error();
    return backend->verify_audit();
}

std::string audit_text(AuditReport const& report) {
    std::string text;
    for (auto const& fault : report.faults) {
        text += fault.organization_id.empty() ? "outside organizations" : fault.organization_id;
        text += ": row " + std::to_string(fault.position);
        if (!fault.entry_id.empty()) text += " (" + fault.entry_id + ")";
        text.append(" ").append(meaning(fault.kind)).append("\n");
    }
    text += std::to_string(report.sealed) + " sealed rows in " + std::to_string(report.organizations) + " chains, " +
            std::to_string(report.unsealed) + " not sealed yet";
    if (report.oldest_unsealed) text += " (since " + to_string(*report.oldest_unsealed) + ")";
    return text + (report.faults.empty() ? "\naudit ok\n" : "\nAUDIT CHANGED\n");
}

}  // namespace nexpo::http_host

// SPDX-License-Identifier: Apache-2.0
#include "operation/outbox.hpp"

#include <algorithm>

#include "base/first_id.hpp"

namespace nexpo::operation {

namespace {

constexpr std::string_view kIdPrefix = "evt";

}  // namespace

Result<void> write_outbox_events(TransactionState const& transaction, CallState const& call) {
    auto const& organization =
        transaction.audit_organization.empty() ? call.caller.organization_id : transaction.audit_organization;
    for (auto const& event : transaction.events) {
        if (std::ranges::find(call.operation.emits, event.name, &EventType::name) == call.operation.emits.end()) {
            return Error{Errc::internal, "event_undeclared", call.operation.name + " does not declare " + event.name};
        }
        SqlParam const row[] = {call.services.new_id(kIdPrefix, call.now),
                                organization.empty() ? SqlParam(nullptr) : SqlParam(organization),
                                event.name,
                                JsonText{event.payload},
                                call.request_id,
                                call.now};
        auto written = transaction.session.execute_later(
            "INSERT INTO outbox_events (id, organization_id, event, payload, request_id, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            row);
        if (!written) return written;
    }
    return {};
}

Result<void> prune_outbox(Transaction const& tx, Timestamp now) {
    auto pruned = tx.execute("DELETE FROM outbox_events WHERE id < $1", {base::first_id(kIdPrefix, now - kOutboxAge)});
    if (!pruned) return std::move(pruned).error();
    return {};
}

}  // namespace nexpo::operation

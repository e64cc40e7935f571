// SPDX-License-Identifier: Apache-2.0
#include "operation/audit.hpp"

#include <chrono>

namespace nexpo::operation {

namespace {

/// Beyond this the callers are no longer told apart until the minute is over.
constexpr std::size_t kMaxSums = 10'000;

std::string_view kind_of(Caller const& caller) {
    switch (caller.kind) {
        case CallerKind::account:
            return "account";
        case CallerKind::system:
            return "system";
        case CallerKind::api_key:
            return "api_key";
        case CallerKind::anonymous:
            break;
    }
    return "anonymous";
}

/// The account or the API key; empty for others.
std::string_view id_of(Caller const& caller) {
    return caller.kind == CallerKind::api_key ? caller.api_key_id : caller.account_id;
}

std::optional<std::string_view> null_if_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

std::string_view actor_of(Caller const& caller) {
    auto const id = id_of(caller);
    return id.empty() ? kind_of(caller) : id;
}

Result<void> write_audit_entry(TransactionState const& transaction, CallState const& call, std::string_view outcome) {
    auto const& organization =
        transaction.audit_organization.empty() ? call.caller.organization_id : transaction.audit_organization;
    SqlParam const row[] = {call.services.new_id("aud", call.now),
                            null_if_empty(organization),
                            call.now,
                            kind_of(call.caller),
                            id_of(call.caller),
                            call.operation.name,
                            transaction.audit_target,
                            outcome,
                            call.request_id,
                            call.address};
    return transaction.session.execute_later(
        "INSERT INTO audit_entries (id, organization_id, at, actor_kind, actor_id, operation, target, outcome,"
        " request_id, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row);
}

void DenialSums::count(Caller const& caller, std::string_view address, std::string_view operation,
                       std::string_view reason, Timestamp now) {
    auto const minute = std::chrono::floor<std::chrono::minutes>(now);
    std::string actor(actor_of(caller));
    if (caller.kind == CallerKind::anonymous && !address.empty()) actor.append("@").append(address);
    std::lock_guard const lock(mutex_);
    if (sums_.size() >= kMaxSums) actor = "others";
    ++sums_[{minute, caller.organization_id, std::move(actor), std::string(operation), std::string(reason)}];
}

std::vector<DenialSums::Row> DenialSums::take_before(Timestamp moment) {
    std::vector<Row> rows;
    std::lock_guard const lock(mutex_);
    while (!sums_.empty() && std::get<0>(sums_.begin()->first) < moment) {
        auto node = sums_.extract(sums_.begin());
        auto& [minute, organization, actor, operation, reason] = node.key();
        rows.push_back({std::move(organization), std::move(actor), std::move(operation), minute, std::move(reason),
                        node.mapped()});
    }
    return rows;
}

Result<void> DenialSums::write(Transaction const& tx, std::vector<Row> const& rows) {
    for (auto const& row : rows) {
        auto written = tx.execute(
            "INSERT INTO audit_denials (organization_id, actor, operation, minute, reason, count)"
            " VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (organization_id, actor, operation, minute, reason)"
            " DO UPDATE SET count = audit_denials.count + excluded.count",
            {row.organization_id, row.actor, row.operation, row.minute, row.reason, row.count});
        if (!written) return std::move(written).error();
    }
    return {};
}

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#include "operation/audit_chain.hpp"

#include "base/hex.hpp"
#include "crypto/digest.hpp"
#include "nexpo/id.hpp"

namespace nexpo::operation {

namespace {

/// Each part with its length, so that nothing can be moved from one part to its neighbour.
class Digested {
 public:
    Digested& add(std::string_view part) {
        text_.append(std::to_string(part.size())).append(":").append(part);
        return *this;
    }
    std::string hash() const { return base::hex_encode(crypto::sha256(text_)); }

 private:
    std::string text_;
};

}  // namespace

StructType describe(Type<AuditRecord>) {
    return structure<AuditRecord>(
        "AuditRecord", field("id", &AuditRecord::id), field("organization_id", &AuditRecord::organization_id),
        field("at", &AuditRecord::at), field("actor_kind", &AuditRecord::actor_kind),
        field("actor_id", &AuditRecord::actor_id), field("operation", &AuditRecord::operation),
        field("target", &AuditRecord::target), field("outcome", &AuditRecord::outcome),
        field("request_id", &AuditRecord::request_id), field("address", &AuditRecord::address),
        field("position", &AuditRecord::position), field("hash", &AuditRecord::hash));
}

StructType describe(Type<AuditHead>) {
    return structure<AuditHead>("AuditHead", field("organization_id", &AuditHead::organization_id),
                                field("position", &AuditHead::position), field("hash", &AuditHead::hash),
                                field("sealed_at", &AuditHead::sealed_at), field("signature", &AuditHead::signature));
}

std::string first_link(std::string_view organization_id) {
    return Digested().add("nexpo audit 1").add(organization_id).hash();
}

std::string next_link(std::string_view previous, std::int64_t position, AuditRecord const& record) {
    return Digested()
        .add(previous)
        .add(std::to_string(position))
        .add(record.id)
        .add(record.organization())
        .add(to_string(record.at))
        .add(record.actor_kind)
        .add(record.actor_id)
        .add(record.operation)
        .add(record.target)
        .add(record.outcome)
        .add(record.request_id)
        .add(record.address)
        .hash();
}

Result<void> announce_chain(Transaction const& tx, std::string_view organization_id, Timestamp now, Random& random) {
    auto announced = tx.execute(
        "INSERT INTO audit_entries (id, at, actor_kind, actor_id, operation, target, outcome, request_id, address)"
        " VALUES ($1, $2, 'system', '', $3, $4, 'ok', '', '')",
        {make_id("aud", now, random), now, kChainBegun, organization_id});
    if (!announced) return std::move(announced).error();
    return {};
}

}  // namespace nexpo::operation

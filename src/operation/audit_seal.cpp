// SPDX-License-Identifier: Apache-2.0
#include "operation/audit_seal.hpp"

#include <map>

#include "nexpo/id.hpp"

namespace nexpo::operation {

namespace {

constexpr std::string_view kUnsealed =
    "SELECT id, organization_id, at, actor_kind, actor_id, operation, target, outcome, request_id, address, position,"
    " hash FROM audit_entries WHERE position IS NULL ORDER BY id LIMIT $1";

constexpr std::string_view kFindHead =
    "SELECT organization_id, position, hash, sealed_at, signature FROM audit_heads WHERE organization_id = $1";

constexpr std::string_view kKeepHead =
    "INSERT INTO audit_heads (organization_id, position, hash, sealed_at, signature) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (organization_id) DO UPDATE SET position = excluded.position, hash = excluded.hash,"
    " sealed_at = excluded.sealed_at, signature = excluded.signature";

constexpr std::string_view kSealRow = "UPDATE audit_entries SET position = $2, hash = $3 WHERE id = $1";

/// Tells the installation's chain that there is one for this organization.
Result<void> announce(Transaction const& tx, std::string_view organization_id, Timestamp now, Random& random) {
    auto announced = tx.execute(
        "INSERT INTO audit_entries (id, at, actor_kind, actor_id, operation, target, outcome, request_id, address)"
        " VALUES ($1, $2, 'system', '', $3, $4, 'ok', '', '')",
        {make_id("aud", now, random), now, kChainBegun, organization_id});
    if (!announced) return std::move(announced).error();
    return {};
}

}  // namespace

AuditSeal::AuditSeal(store::Store& store, store::Scope scope, AuditKey key, std::shared_ptr<Clock> clock,
                     std::shared_ptr<Random> random)
    : store_(store),
      scope_(std::move(scope)),
      key_(std::move(key)),
      clock_(std::move(clock)),
      random_(std::move(random)) {}

Result<std::int64_t> AuditSeal::run() const {
    std::int64_t total = 0;
    while (true) {
        bool waiting = false;
        auto const looked = store_.read({scope_}, {}, [&](Read& read) -> Result<void> {
            auto found = read.one<std::string>("SELECT id FROM audit_entries WHERE position IS NULL LIMIT 1", {});
            if (!found) return std::move(found).error();
            waiting = found->has_value();
            return {};
        });
        if (!looked) return looked.error();
        if (!waiting) return total;

        std::int64_t sealed = 0;
        auto const written = store_.write_and_wait({scope_}, [&](Transaction& tx, TransactionState&) -> Result<void> {
            auto batch = seal_batch(tx);
            if (!batch) return std::move(batch).error();
            sealed = *batch;
            return {};
        });
        if (!written) return written.error();
        total += sealed;
        if (sealed < kBatch) return total;
    }
}

Result<std::int64_t> AuditSeal::seal_batch(Transaction const& tx) const {
    auto const rows = tx.all<AuditRecord>(kUnsealed, {kBatch});
    if (!rows) return rows.error();
    std::map<std::string, AuditHead, std::less<>> heads;
    for (auto const& row : *rows) {
        auto found = heads.find(row.organization());
        if (found == heads.end()) {
            std::string const organization(row.organization());
            auto stored = tx.one<AuditHead>(kFindHead, {organization});
            if (!stored) return std::move(stored).error();
            if (!*stored && !organization.empty()) {
                auto announced = announce(tx, organization, clock_->now(), *random_);
                if (!announced) return std::move(announced).error();
            }
            auto head = *stored ? std::move(**stored)
                                : AuditHead{.organization_id = organization, .hash = first_link(organization)};
            found = heads.emplace(organization, std::move(head)).first;
        }
        auto& head = found->second;
        head.position += 1;
        head.hash = next_link(head.hash, head.position, row);
        auto sealed = tx.execute(kSealRow, {row.id, head.position, head.hash});
        if (!sealed) return std::move(sealed).error();
    }
    for (auto& [organization, head] : heads) {
        head.sealed_at = clock_->now();
        head.signature = key_.sign(head);
        auto kept = tx.execute(kKeepHead, {organization, head.position, head.hash, head.sealed_at, head.signature});
        if (!kept) return std::move(kept).error();
    }
    return static_cast<std::int64_t>(rows->size());
}

}  // namespace nexpo::operation

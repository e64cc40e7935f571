// SPDX-License-Identifier: Apache-2.0
#include "operation/audit_seal.hpp"

#include <chrono>
#include <optional>

namespace nexpo::operation {

namespace {

/// From one organization to the next one in the index: DISTINCT would go over every row that waits.
constexpr std::string_view kWaiting =
    "WITH RECURSIVE waiting (organization) AS ("
    " SELECT min(coalesce(organization_id, '')) FROM audit_entries WHERE position IS NULL"
    " UNION ALL"
    " SELECT (SELECT min(coalesce(organization_id, '')) FROM audit_entries"
    " WHERE position IS NULL AND coalesce(organization_id, '') > waiting.organization)"
    " FROM waiting WHERE waiting.organization IS NOT NULL)"
    " SELECT organization FROM waiting WHERE organization IS NOT NULL AND NOT (organization {{in $1}}) LIMIT 100";

constexpr std::string_view kUnsealed =
    "SELECT id, organization_id, at, actor_kind, actor_id, operation, target, outcome, request_id, address, position,"
    " hash FROM audit_entries WHERE position IS NULL AND coalesce(organization_id, '') = $1 ORDER BY id LIMIT $2";

constexpr std::string_view kFindHead =
    "SELECT organization_id, position, hash, sealed_at, signature FROM audit_heads WHERE organization_id = $1";

constexpr std::string_view kLastLink =
    "SELECT position, hash FROM audit_entries WHERE coalesce(organization_id, '') = $1 AND position IS NOT NULL"
    " ORDER BY position DESC LIMIT 1";

constexpr std::string_view kKeepHead =
    "INSERT INTO audit_heads (organization_id, position, hash, sealed_at, signature) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (organization_id) DO UPDATE SET position = excluded.position, hash = excluded.hash,"
    " sealed_at = excluded.sealed_at, signature = excluded.signature";

/// A server that says nothing must not keep the sealer, and with it the backend's end.
constexpr std::chrono::seconds kLookTime{10};

struct Link {
    std::int64_t position = 0;
    std::string hash{};
};

StructType describe(Type<Link>) {
    return structure<Link>("Link", field("position", &Link::position), field("hash", &Link::hash));
}

/// Whether the installation's chain says that there was a chain before.
Result<bool> has_begun(Read const& read, std::string_view organization) {
    // Literally, because an index of few rows is found by no parameter.
    auto found = read.one<std::string>(
        "SELECT id FROM audit_entries WHERE organization_id IS NULL AND operation = 'audit.begin' AND target = $1"
        " LIMIT 1",
        {organization});
    if (!found) return std::move(found).error();
    return found->has_value();
}

/// The head to go on from, or nothing when the chain is not as it was signed.
Result<std::optional<AuditHead>> sound_head(Transaction const& tx, AuditKey const& key,
                                            std::string const& organization) {
    auto head = tx.one<AuditHead>(kFindHead, {organization});
    if (!head) return std::move(head).error();
    auto last = tx.one<Link>(kLastLink, {organization});
    if (!last) return std::move(last).error();
    if (*head) {
        bool const sound =
            key.verify(**head) && *last && (*last)->position == (*head)->position && (*last)->hash == (*head)->hash;
        return sound ? std::move(*head) : std::nullopt;
    }
    if (*last || organization.empty()) return std::optional<AuditHead>();
    auto begun = has_begun(tx, organization);
    if (!begun) return std::move(begun).error();
    if (*begun) return std::optional<AuditHead>();
    return std::optional(AuditHead{.organization_id = organization, .hash = first_link(organization)});
}

}  // namespace

AuditSeal::AuditSeal(store::Store& store, store::Scope scope, AuditKey key, std::shared_ptr<Clock> clock,
                     std::shared_ptr<Random> random)
    : store_(store),
      scope_(std::move(scope)),
      key_(std::move(key)),
      clock_(std::move(clock)),
      random_(std::move(random)) {}

Result<SealOutcome> AuditSeal::run() const {
    SealOutcome outcome;
    while (true) {
        bool waiting = false;
        auto const looked =
            store_.read({scope_}, {.deadline = clock_->steady_now() + kLookTime}, [&](Read& read) -> Result<void> {
                auto found = read.one<std::string>(kWaiting, {outcome.broken});
                if (!found) return std::move(found).error();
                waiting = found->has_value();
                return {};
            });
        if (!looked) return looked.error();
        if (!waiting) return outcome;

        auto batch = outcome;
        auto const written = store_.write_and_wait({scope_}, [&](Transaction& tx, TransactionState&) -> Result<void> {
            batch = outcome;  // the closure may run again
            return seal_batch(tx, batch);
        });
        if (!written) return written.error();
        outcome = std::move(batch);
    }
}

Result<void> AuditSeal::seal_batch(Transaction const& tx, SealOutcome& outcome) const {
    auto const organizations = tx.all<std::string>(kWaiting, {outcome.broken});
    if (!organizations) return organizations.error();
    auto left = kBatch;
    for (auto const& organization : *organizations) {
        if (left <= 0) break;
        auto head = sound_head(tx, key_, organization);
        if (!head) return std::move(head).error();
        if (!*head) {
            outcome.broken.push_back(organization);
            continue;
        }
        if ((*head)->position == 0) {
            auto announced = announce_chain(tx, organization, clock_->now(), *random_);
            if (!announced) return announced;
        }
        auto sealed = seal_chain(tx, std::move(**head), left);
        if (!sealed) return std::move(sealed).error();
        outcome.sealed += *sealed;
        left -= *sealed;
    }
    return {};
}

Result<std::int64_t> AuditSeal::seal_chain(Transaction const& tx, AuditHead head, std::int64_t most) const {
    auto const rows = tx.all<AuditRecord>(kUnsealed, {head.organization_id, most});
    if (!rows) return rows.error();
    for (auto const& row : *rows) {
        head.position += 1;
        head.hash = next_link(head.hash, head.position, row);
        auto sealed = tx.execute("UPDATE audit_entries SET position = $2, hash = $3 WHERE id = $1",
                                 {row.id, head.position, head.hash});
        if (!sealed) return std::move(sealed).error();
    }
    head.sealed_at = clock_->now();
    head.signature = key_.sign(head);
    auto kept = tx.execute(kKeepHead, {head.organization_id, head.position, head.hash, head.sealed_at, head.signature});
    if (!kept) return std::move(kept).error();
    return static_cast<std::int64_t>(rows->size());
}

}  // namespace nexpo::operation

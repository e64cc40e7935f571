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

constexpr std::string_view kMoved = "audit_chain_moved";

Error moved() {
    return {Errc::aborted, std::string(kMoved), "another process has added to the chain"};
}

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
Result<std::optional<AuditHead>> sound_head(Read const& read, AuditKey const& key, std::string const& organization) {
    auto head = read.one<AuditHead>(kFindHead, {organization});
    if (!head) return std::move(head).error();
    auto last = read.one<Link>(kLastLink, {organization});
    if (!last) return std::move(last).error();
    if (*head) {
        bool const sound =
            key.verify(**head) && *last && (*last)->position == (*head)->position && (*last)->hash == (*head)->hash;
        return sound ? std::move(*head) : std::nullopt;
    }
    if (*last || organization.empty()) return std::optional<AuditHead>();
    auto begun = has_begun(read, organization);
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
        std::vector<Links> chains;
        auto const looked =
            store_.read({scope_}, {.deadline = clock_->steady_now() + kLookTime}, [&](Read& read) -> Result<void> {
                auto found = look(read, outcome);
                if (!found) return std::move(found).error();
                chains = std::move(*found);
                return {};
            });
        if (!looked) return looked.error();
        if (chains.empty()) return outcome;

        for (auto& chain : chains) {
            chain.to.sealed_at = clock_->now();
            chain.to.signature = key_.sign(chain.to);
        }
        auto const written = store_.write_and_wait({scope_}, [&](Transaction& tx, TransactionState&) -> Result<void> {
            for (auto const& chain : chains) {
                if (auto done = write(tx, chain); !done) return done;
            }
            return {};
        });
        if (!written && written.error().reason == kMoved) continue;
        if (!written) return written.error();
        for (auto const& chain : chains) outcome.sealed += static_cast<std::int64_t>(chain.links.size());
    }
}

/// The links of the next batch, and which chains are broken.
Result<std::vector<AuditSeal::Links>> AuditSeal::look(Read const& read, SealOutcome& outcome) const {
    auto const organizations = read.all<std::string>(kWaiting, {outcome.broken});
    if (!organizations) return organizations.error();
    std::vector<Links> chains;
    auto left = kBatch;
    for (auto const& organization : *organizations) {
        if (left <= 0) break;
        auto head = sound_head(read, key_, organization);
        if (!head) return std::move(head).error();
        if (!*head) {
            outcome.broken.push_back(organization);
            continue;
        }
        auto const rows = read.all<AuditRecord>(kUnsealed, {organization, left});
        if (!rows) return rows.error();
        left -= static_cast<std::int64_t>(rows->size());
        auto& chain = chains.emplace_back(Links{.from = **head, .to = **head, .links = {}});
        chain.links.reserve(rows->size());
        for (auto const& row : *rows) {
            chain.to.hash = next_link(chain.to.hash, ++chain.to.position, row);
            chain.links.push_back({row.id, chain.to.hash});
        }
    }
    return chains;
}

/// Adds links to a chain unless somebody else has since they were made.
Result<void> AuditSeal::write(Transaction const& tx, Links const& links) const {
    auto const& [from, to, added] = links;
    auto const head = tx.one<AuditHead>(kFindHead, {from.organization_id});
    if (!head) return head.error();
    auto const position = *head ? (*head)->position : 0;
    if (position != from.position || (*head && (*head)->hash != from.hash)) return moved();
    if (position == 0) {
        if (auto done = announce_chain(tx, from.organization_id, clock_->now(), *random_); !done) return done;
    }
    auto next = position;
    for (auto const& link : added) {
        auto const sealed =
            tx.execute("UPDATE audit_entries SET position = $2, hash = $3 WHERE id = $1 AND position IS NULL",
                       {link.id, ++next, link.hash});
        if (!sealed) return sealed.error();
        if (*sealed != 1) return moved();
    }
    auto kept = tx.execute(kKeepHead, {to.organization_id, to.position, to.hash, to.sealed_at, to.signature});
    if (!kept) return std::move(kept).error();
    return {};
}

}  // namespace nexpo::operation

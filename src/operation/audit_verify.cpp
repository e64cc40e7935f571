// SPDX-License-Identifier: Apache-2.0
#include "operation/audit_verify.hpp"

#include <limits>
#include <set>

namespace nexpo::operation {

namespace {

constexpr std::int64_t kPage = 1'000;

struct Unsealed {
    std::int64_t rows = 0;
    std::optional<Timestamp> oldest{};
};

StructType describe(Type<Unsealed>) {
    return structure<Unsealed>("Unsealed", field("rows", &Unsealed::rows), field("oldest", &Unsealed::oldest));
}

class Examination {
 public:
    Examination(Read const& read, AuditKey const& key) : read_(read), key_(key) {}

    Result<AuditReport> run() {
        if (auto counted = count_unsealed(); !counted) return std::move(counted).error();
        auto organizations = find_organizations();
        if (!organizations) return std::move(organizations).error();
        for (auto const& organization : *organizations) {
            report_.organizations += 1;
            auto fault = examine(organization);
            if (!fault) return std::move(fault).error();
            if (*fault) report_.faults.push_back(std::move(**fault));
        }
        return std::move(report_);
    }

 private:
    Result<void> count_unsealed() {
        auto counted = read_.one<Unsealed>(
            "SELECT count(*) AS rows, min(at) AS oldest FROM audit_entries WHERE position IS NULL", {});
        if (!counted) return std::move(counted).error();
        report_.unsealed = (*counted)->rows;
        report_.oldest_unsealed = (*counted)->oldest;
        return {};
    }

    /// The installation's own, those with sealed rows, those with a signed head, and those that the installation's
    /// chain knows of.
    Result<std::set<std::string>> find_organizations() const {
        auto found = read_.all<std::string>(
            "SELECT coalesce(organization_id, '') AS organization FROM audit_entries WHERE position IS NOT NULL"
            " UNION SELECT organization_id FROM audit_heads"
            " UNION SELECT target FROM audit_entries WHERE organization_id IS NULL AND operation = 'audit.begin'",
            {});
        if (!found) return std::move(found).error();
        std::set<std::string> organizations(found->begin(), found->end());
        organizations.insert("");
        return organizations;
    }

    Result<std::optional<AuditFault>> examine(std::string const& organization) {
        auto link = first_link(organization);
        std::int64_t position = 0;
        auto after = std::numeric_limits<std::int64_t>::min();
        while (true) {
            auto rows = read_.all<AuditRecord>(
                "SELECT id, organization_id, at, actor_kind, actor_id, operation, target, outcome, request_id, address,"
                " position, hash FROM audit_entries WHERE coalesce(organization_id, '') = $1 AND position > $2"
                " ORDER BY position LIMIT $3",
                {organization, after, kPage});
            if (!rows) return std::move(rows).error();
            for (auto const& row : *rows) {
                after = *row.position;
                if (after > position + 1) return fault(AuditFaultKind::removed, organization, position + 1, {});
                position += 1;
                link = next_link(link, position, row);
                if (after != position || row.hash != link) {
                    return fault(AuditFaultKind::changed, organization, after, row.id);
                }
                report_.sealed += 1;
            }
            if (static_cast<std::int64_t>(rows->size()) < kPage) break;
        }
        auto begin = examine_begin(organization, position);
        if (!begin || *begin) return begin;
        return compare_with_head(organization, position, link);
    }

    Result<std::optional<AuditFault>> examine_begin(std::string const& organization, std::int64_t position) const {
        auto const begun = read_.one<std::int64_t>(
            "SELECT count(*) FROM audit_entries WHERE organization_id IS NULL AND operation = 'audit.begin'"
            " AND target = $1",
            {organization});
        if (!begun) return begun.error();
        if (**begun == 0) return fault(AuditFaultKind::begin_missing, organization, position, {});
        if (**begun > 1) return fault(AuditFaultKind::begun_twice, organization, position, {});
        return std::optional<AuditFault>();
    }

    Result<std::optional<AuditFault>> compare_with_head(std::string const& organization, std::int64_t position,
                                                        std::string const& link) const {
        auto head = read_.one<AuditHead>(
            "SELECT organization_id, position, hash, sealed_at, signature FROM audit_heads WHERE organization_id = $1",
            {organization});
        if (!head) return std::move(head).error();
        if (!*head) return fault(AuditFaultKind::head_missing, organization, position, {});
        if (!key_.verify(**head)) return fault(AuditFaultKind::head_unverified, organization, (*head)->position, {});
        // Rows at the end leave no gap when they go.
        if ((*head)->position > position) return fault(AuditFaultKind::removed, organization, position + 1, {});
        if ((*head)->position < position || (*head)->hash != link) {
            return fault(AuditFaultKind::head_mismatch, organization, (*head)->position, {});
        }
        return std::optional<AuditFault>();
    }

    static Result<std::optional<AuditFault>> fault(AuditFaultKind kind, std::string const& organization,
                                                   std::int64_t position, std::string entry) {
        return std::optional(AuditFault{
            .kind = kind, .organization_id = organization, .position = position, .entry_id = std::move(entry)});
    }

    Read const& read_;
    AuditKey const& key_;
    AuditReport report_;
};

}  // namespace

Result<AuditReport> verify_audit(store::Store& store, store::Scope const& scope, AuditKey const& key) {
    AuditReport report;
    auto const read = store.read({scope}, {}, [&](Read& at) -> Result<void> {
        auto examined = Examination(at, key).run();
        if (!examined) return std::move(examined).error();
        report = std::move(*examined);
        return {};
    });
    if (!read) return read.error();
    return report;
}

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/store.hpp"
#include "store/store.hpp"
#include "support/access.hpp"
#include "support/test_backend.hpp"

namespace nexpo::inline v1::testing {

struct AuditRow {
    std::optional<std::string> organization_id{};
    std::string actor_kind{};
    std::string actor_id{};
    std::string operation{};
    std::string target{};
    std::string outcome{};
};

inline StructType describe(Type<AuditRow>) {
    return structure<AuditRow>("AuditRow", field("organization_id", &AuditRow::organization_id),
                               field("actor_kind", &AuditRow::actor_kind), field("actor_id", &AuditRow::actor_id),
                               field("operation", &AuditRow::operation), field("target", &AuditRow::target),
                               field("outcome", &AuditRow::outcome));
}

/// The database of a backend, seen past the backend with the rights of its owner.
class Database {
 public:
    explicit Database(TestBackend const& test)
        : store_(store::open_store({.url = on_postgresql() ? test.database.owner_url() : test.database.url(),
                                    .readers = 1,
                                    .clock = test.clock,
                                    .writers = 1})
                     .value()) {}

    template <class Row>
    std::vector<Row> rows(std::string_view sql) const {
        std::vector<Row> found;
        auto const read = store_->read(nexpo::testing::kEverything, {}, [&](Read& at) -> Result<void> {
            auto all = at.all<Row>(sql, {});
            if (!all) return std::move(all).error();
            found = std::move(*all);
            return {};
        });
        read.value();
        return found;
    }
    std::int64_t count(std::string const& table) const {
        return rows<std::int64_t>("SELECT count(*) FROM " + table).front();
    }
    /// The audit rows of one operation, oldest first.
    std::vector<AuditRow> audit(std::string const& operation) const {
        return rows<AuditRow>(
            "SELECT organization_id, actor_kind, actor_id, operation, target, outcome FROM audit_entries"
            " WHERE operation = '" +
            operation + "' ORDER BY at, {{sqlite rowid}}{{postgresql ctid}}");
    }
    void execute(std::string_view sql) const {
        write([&](Transaction& tx) -> Result<void> {
            auto changed = tx.execute(sql, {});
            if (!changed) return std::move(changed).error();
            return {};
        });
    }
    /// Runs `function(Transaction&)` in one transaction.
    template <class F>
    void write(F const& function) const {
        store_
            ->write_and_wait(nexpo::testing::kEverything,
                             [&](Transaction& tx, TransactionState&) { return function(tx); })
            .value();
    }

 private:
    std::unique_ptr<store::Store> store_;
};

}  // namespace nexpo::inline v1::testing

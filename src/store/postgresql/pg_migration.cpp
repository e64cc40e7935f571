// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_migration.hpp"

#include "store/migrate.hpp"
#include "store/run_closure.hpp"

namespace nexpo::store {

namespace {

/// "nexpo" in ASCII: who migrates the same database must lock the same number.
constexpr std::int64_t kLock = 0x6e6578706f;

/// What the application's role may not do yet with the tables of who migrates. Only what is missing is granted: a grant
/// changes the catalogue. The answer is run by the owner, so that no function in it may be one that others put into the
/// schema.
constexpr std::string_view kMissingGrants = R"(
SELECT pg_catalog.format('GRANT %s ON %I.%I TO %I', privilege, schemaname, tablename, $1)
FROM pg_catalog.pg_tables, pg_catalog.unnest(CAST('{SELECT,INSERT,UPDATE,DELETE}' AS pg_catalog.text[])) AS privilege
WHERE tableowner = current_user AND schemaname = pg_catalog.current_schema() AND current_user <> $1
  AND (privilege = 'SELECT' OR tablename <> 'nexpo_migrations')
  AND NOT pg_catalog.has_table_privilege($1, pg_catalog.format('%I.%I', schemaname, tablename), privilege)
ORDER BY tablename)";

Result<void> grant(Transaction const& tx, std::string const& application_role) {
    auto const grants = tx.all<std::string>(kMissingGrants, {application_role});
    if (!grants) return grants.error();
    for (auto const& one : *grants) {
        if (auto granted = tx.execute(one, {}); !granted) return std::move(granted).error();
    }
    return {};
}

}  // namespace

Result<void> migrate_postgresql(PgConnection& connection, std::string const& application_role,
                                std::span<Migration const> migrations, Timestamp now) {
    connection.begin(nullptr, Scope::installation());
    auto done = run_closure(
        [&](Transaction& tx, TransactionState& state) -> Result<void> {
            auto locked = tx.execute("SELECT pg_advisory_xact_lock($1)", {kLock});
            if (!locked) return std::move(locked).error();
            if (auto applied = apply_migrations(state.session, migrations, now); !applied) return applied;
            return grant(tx, application_role);
        },
        connection);
    if (done) return connection.commit();
    connection.roll_back();
    return done;
}

}  // namespace nexpo::store

// SPDX-License-Identifier: Apache-2.0
#include "store/migrate.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

namespace nexpo::store {

namespace {

/// Migrations of owners under this prefix are ours: one that we do not know was made by a newer version.
constexpr std::string_view kOwnPrefix = "nexpo/";

constexpr std::string_view kCreateTable = R"(
CREATE TABLE nexpo_migrations (
    owner      {{text}} NOT NULL,
    number     {{int}} NOT NULL,
    name       {{text}} NOT NULL,
    checksum   {{text}} NOT NULL,
    applied_at {{timestamp}} NOT NULL,
    PRIMARY KEY (owner, number)
) {{strict}})";

constexpr std::string_view kTableExists =
    "SELECT {{sqlite EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'nexpo_migrations')}}"
    "{{postgresql to_regclass('nexpo_migrations') IS NOT NULL}}";

struct AppliedMigration {
    std::string owner{};
    std::int64_t number = 0;
    std::string name{};
    std::string checksum{};
};

StructType describe(Type<AppliedMigration>) {
    return structure<AppliedMigration>(
        "AppliedMigration", field("owner", &AppliedMigration::owner), field("number", &AppliedMigration::number),
        field("name", &AppliedMigration::name), field("checksum", &AppliedMigration::checksum));
}

/// FNV-1a with 64 bits (RFC 9923): it catches an accident, which is all that this is for.
std::string checksum(Migration const& migration) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (char const c : migration.sql) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3;
    }
    return "fnv1a-" + std::to_string(hash);
}

std::string label(std::string_view owner, std::int64_t number, std::string_view name) {
    return std::string(owner) + " " + std::to_string(number) + " (" + std::string(name) + ")";
}

/// Every owner's migrations must be numbered 1, 2, 3, …: a gap is a build that lost a file.
Result<void> check_numbers(std::span<Migration const> migrations) {
    std::map<std::string_view, int> last;
    for (auto const& migration : migrations) {
        if (migration.owner.empty() || migration.number != ++last[migration.owner]) {
            return Error{Errc::invalid_argument, "migration_invalid",
                         "migrations are numbered 1, 2, 3, … per owner: " +
                             label(migration.owner, migration.number, migration.name)};
        }
    }
    return {};
}

Result<void> check_applied(AppliedMigration const& applied, std::span<Migration const> migrations) {
    auto const known = std::ranges::find_if(migrations, [&](Migration const& migration) {
        return migration.owner == applied.owner && migration.number == applied.number;
    });
    if (known == migrations.end()) {
        bool const owner_known = std::ranges::find(migrations, applied.owner, &Migration::owner) != migrations.end();
        if (!owner_known && !applied.owner.starts_with(kOwnPrefix)) return {};  // another application's tables
        return Error{Errc::failed_precondition, "database_newer",
                     "the database was made by a newer version: it has migration " +
                         label(applied.owner, applied.number, applied.name)};
    }
    if (checksum(*known) != applied.checksum) {
        return Error{
            Errc::failed_precondition, "migration_changed",
            "a migration was changed after it had been applied: " + label(applied.owner, applied.number, applied.name)};
    }
    return {};
}

/// What was applied so far, once it is sure that this version may use it.
Result<std::vector<AppliedMigration>> read_applied(SqlSession& session, std::span<Migration const> migrations) {
    auto applied =
        Read(session).all<AppliedMigration>("SELECT owner, number, name, checksum FROM nexpo_migrations", {});
    if (!applied) return applied;
    for (auto const& one : *applied) {
        if (auto checked = check_applied(one, migrations); !checked) return std::move(checked).error();
    }
    return applied;
}

bool is_applied(Migration const& migration, std::span<AppliedMigration const> applied) {
    return std::ranges::any_of(applied, [&](AppliedMigration const& one) {
        return one.owner == migration.owner && one.number == migration.number;
    });
}

}  // namespace

Result<void> apply_migrations(SqlSession& session, std::span<Migration const> migrations, Timestamp now) {
    if (auto numbered = check_numbers(migrations); !numbered) return numbered;
    // Not CREATE TABLE IF NOT EXISTS: PostgreSQL asks for the right to create before it looks.
    auto const exists = Read(session).one<bool>(kTableExists, {});
    if (!exists) return exists.error();
    if (!**exists) {
        if (auto created = session.execute(kCreateTable, {}); !created) return std::move(created).error();
    }
    auto const applied = read_applied(session, migrations);
    if (!applied) return applied.error();
    for (auto const& migration : migrations) {
        if (is_applied(migration, *applied)) continue;
        if (auto run = session.run_script(migration.sql); !run) {
            auto error = std::move(run).error();
            error.message =
                "migration " + label(migration.owner, migration.number, migration.name) + ": " + error.message;
            return error;
        }
        SqlParam const params[] = {migration.owner, migration.number, migration.name, checksum(migration), now};
        auto recorded = session.execute(
            "INSERT INTO nexpo_migrations (owner, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)",
            params);
        if (!recorded) return std::move(recorded).error();
    }
    return {};
}

Result<void> check_migrations(SqlSession& session, std::span<Migration const> migrations) {
    auto const missing = [](std::string const& what) {
        return Error{Errc::failed_precondition, "migration_missing", "the database " + what + "; migrate it first"};
    };
    if (auto numbered = check_numbers(migrations); !numbered) return numbered;
    auto const exists = Read(session).one<bool>(kTableExists, {});
    if (!exists) return exists.error();
    if (!**exists) return missing("has no tables of this program");
    auto const applied = read_applied(session, migrations);
    if (!applied) return applied.error();
    for (auto const& migration : migrations) {
        if (!is_applied(migration, *applied)) {
            return missing("lacks migration " + label(migration.owner, migration.number, migration.name));
        }
    }
    return {};
}

}  // namespace nexpo::store

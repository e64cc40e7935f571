// SPDX-License-Identifier: Apache-2.0
#include "calls/raw_sqlite.hpp"

#include <algorithm>
#include <stdexcept>

namespace nexpo::bench {

namespace {

constexpr char kGet[] =
    "SELECT id, organization_id, email, name, role, created_at, updated_at, version FROM user_profiles"
    " WHERE id = ?1 AND organization_id = ?2";

constexpr char kSettings[] =
    "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-8192; PRAGMA query_only=ON";

void require(bool fine) {
    if (!fine) throw std::runtime_error("SQLite failed");
}

void bind(sqlite3_stmt* statement, int index, std::string const& text) {
    require(sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC) ==
            SQLITE_OK);
}

std::string text(sqlite3_stmt* statement, int column) {
    auto const* bytes = reinterpret_cast<char const*>(sqlite3_column_text(statement, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

Timestamp time(sqlite3_stmt* statement, int column) {
    return Timestamp(std::chrono::microseconds(sqlite3_column_int64(statement, column)));
}

}  // namespace

RawSqlite::RawSqlite(std::string const& path) {
    sqlite3* database = nullptr;
    auto const opened = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(database);
    require(opened == SQLITE_OK);
    require(sqlite3_exec(database, kSettings, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    require(sqlite3_prepare_v3(database, kGet, sizeof kGet, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) ==
            SQLITE_OK);
    statement_.reset(statement);
}

User RawSqlite::get(std::string const& id, std::string const& organization_id) {
    auto* const row = statement_.get();
    bind(row, 1, id);
    bind(row, 2, organization_id);
    require(sqlite3_step(row) == SQLITE_ROW);
    constexpr auto kRoles = enum_names(Role{});
    auto const role = std::ranges::find(kRoles, text(row, 4));
    User user{.id = text(row, 0),
              .organization_id = text(row, 1),
              .email = text(row, 2),
              .name = text(row, 3),
              .role = static_cast<Role>(role - kRoles.begin()),
              .created_at = time(row, 5),
              .updated_at = time(row, 6),
              .version = sqlite3_column_int64(row, 7)};
    require(sqlite3_reset(row) == SQLITE_OK);
    return user;
}

}  // namespace nexpo::bench

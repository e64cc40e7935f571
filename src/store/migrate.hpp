// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "nexpo/store.hpp"
#include "store/sql_session.hpp"

namespace nexpo::store {

/// Brings the schema up to date inside a transaction that holds the write lock.
/// Errors: failed_precondition (`database_newer`, `migration_changed`), internal (a migration that fails).
Result<void> apply_migrations(SqlSession& session, std::span<Migration const> migrations, Timestamp now);

/// Says whether it is up to date. Errors: failed_precondition (`database_newer`, `migration_changed`,
/// `migration_missing`).
Result<void> check_migrations(SqlSession& session, std::span<Migration const> migrations);

}  // namespace nexpo::store

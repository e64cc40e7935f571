// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "store/postgresql/pg_connection.hpp"

namespace nexpo::store {

/// Applies what is missing while no other process does, and lets the application's role use the owner's tables.
/// Errors: as Store::migrate.
Result<void> migrate_postgresql(PgConnection& connection, std::string const& application_role,
                                std::span<Migration const> migrations, Timestamp now);

}  // namespace nexpo::store

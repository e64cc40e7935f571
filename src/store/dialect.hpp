// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nexpo/result.hpp"

namespace nexpo::store {

enum class Dialect : std::uint8_t { sqlite, postgresql };

/// Replaces the words in double braces by what the database calls them, and refuses every parameter that is not `$n`:
/// SQLite takes `$1::bigint` for the name of a parameter and binds NULL to it. Errors: internal (`sql_invalid`).
Result<std::string> expand_sql(std::string_view sql, Dialect dialect);

/// The same, and refuses a second statement, which SQLite would leave out without a word.
Result<std::string> expand_statement(std::string_view sql, Dialect dialect);

/// The highest `$n` of an expanded statement for PostgreSQL.
int count_parameters(std::string_view expanded);

/// True for statements that begin, end or nest transactions, which only the store itself may do.
bool controls_transaction(std::string_view sql);

}  // namespace nexpo::store

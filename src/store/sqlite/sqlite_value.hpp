// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "nexpo/store.hpp"

namespace nexpo::store {

/// Binds one parameter, which must outlive the execution, as must `room`, where short text is kept.
void bind(SQLite::Statement& statement, int index, SqlParam const& param, std::string& room);

/// Reads one column into a value of the given type. Errors: internal (`sql_mapping`), data_loss.
Result<void> read_column(SQLite::Column const& column, ValueType const& type, void* value);

}  // namespace nexpo::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/operation.hpp"

namespace nexpo::operation {

/// Refuses a table with malformed or doubled names, paths and struct names, unknown hooks, and hooks or events of other
/// types than the operation's. Errors: invalid_argument (`operation_invalid`), which names the operation.
Result<void> check_table(OperationTable::Contents const& table);

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "operation/call_state.hpp"
#include "store/sql_session.hpp"

namespace nexpo::operation {

/// How long an event stays readable.
inline constexpr std::chrono::hours kOutboxAge{24 * 7};

/// Writes the events of one closure. Errors: internal (`event_undeclared`) for one that the operation does not declare.
Result<void> write_outbox_events(TransactionState const& transaction, CallState const& call);

Result<void> prune_outbox(Transaction const& tx, Timestamp now);

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/operation.hpp"
#include "nexpo/random.hpp"
#include "operation/ports.hpp"
#include "store/signals.hpp"
#include "store/sql_session.hpp"

namespace nexpo::operation {

/// How long an event stays readable.
inline constexpr std::chrono::hours kOutboxAge{24 * 7};
inline constexpr std::string_view kEventIdPrefix = "evt";
/// The signal that events were committed.
inline constexpr std::string_view kEventsCommitted = "events";

/// Whose closure emits events.
struct EventSource {
    std::string_view name;  ///< The operation or the kind of job.
    std::vector<EventType> const& emits;
    WorkOrigin origin;
    std::string_view request_id;
    Random& random;
    JobQueue& jobs;
    store::Signals& signals;
};

/// Writes the events of one closure and queues the jobs of their subscribers. Errors: internal (`event_undeclared`) for
/// one that the source does not declare.
Result<void> write_outbox_events(Transaction const& tx, TransactionState& transaction, EventSource const& source);

/// An event as it was written.
struct OutboxEvent {
    std::string event{};
    Json payload{};
    Timestamp created_at{};
};

StructType describe(Type<OutboxEvent>);

/// An event of an organization, while it is kept.
Result<std::optional<OutboxEvent>> find_outbox_event(Read const& read, std::string_view organization_id,
                                                     std::string_view id);

/// Forgets events that are too old, at most `most`; answers how many.
Result<std::int64_t> prune_outbox(Transaction const& tx, Timestamp now, std::int64_t most);

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#include "operation/outbox.hpp"

#include <algorithm>

#include "base/first_id.hpp"
#include "nexpo/id.hpp"

namespace nexpo::operation {

Result<void> write_outbox_events(Transaction const& tx, TransactionState& transaction, EventSource const& source) {
    auto const& [organization, now] = source.origin;
    for (auto const& event : transaction.events) {
        if (std::ranges::find(source.emits, event.name, &EventType::name) == source.emits.end()) {
            return Error{Errc::internal, "event_undeclared",
                         std::string(source.name) + " does not declare " + event.name};
        }
        auto const id = make_id(kEventIdPrefix, now, source.random);
        SqlParam const row[] = {id,
                                organization.empty() ? SqlParam(nullptr) : SqlParam(organization),
                                event.name,
                                JsonText{event.payload},
                                source.request_id,
                                now};
        auto written = transaction.session.execute_later(
            "INSERT INTO outbox_events (id, organization_id, event, payload, request_id, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            row);
        if (!written) return written;
        auto const published = source.jobs.publish(tx, source.origin, id, event.name, event.payload);
        if (!published) return published.error();
        if (!*published) continue;
        transaction.after_commit.emplace_back([&jobs = source.jobs] { jobs.wake(); });
    }
    if (!transaction.events.empty()) {
        transaction.after_commit.emplace_back([&signals = source.signals] { signals.send(kEventsCommitted, {}); });
    }
    return {};
}

StructType describe(Type<OutboxEvent>) {
    return structure<OutboxEvent>("OutboxEvent", field("event", &OutboxEvent::event),
                                  field("payload", &OutboxEvent::payload),
                                  field("created_at", &OutboxEvent::created_at));
}

Result<std::optional<OutboxEvent>> find_outbox_event(Read const& read, std::string_view organization_id,
                                                     std::string_view id) {
    return read.one<OutboxEvent>(
        "SELECT event, payload, created_at FROM outbox_events WHERE id = $1 AND organization_id = $2",
        {id, organization_id});
}

Result<std::int64_t> prune_outbox(Transaction const& tx, Timestamp now, std::int64_t most) {
    return tx.execute(
        "DELETE FROM outbox_events WHERE id IN (SELECT id FROM outbox_events WHERE id < $1"
        // SQLite would give the number of the newest row to the next one.
        " {{sqlite AND seq < (SELECT max(seq) FROM outbox_events)}} ORDER BY id LIMIT $2)",
        {base::first_id(kEventIdPrefix, now - kOutboxAge), most});
}

}  // namespace nexpo::operation

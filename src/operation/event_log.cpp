// SPDX-License-Identifier: Apache-2.0
#include "operation/event_log.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "store/index_order.hpp"

namespace nexpo::operation {

namespace {

struct HorizonRow {
    std::string snapshot{};
    std::optional<std::int64_t> newest{};
};

StructType describe(Type<HorizonRow>) {
    return structure<HorizonRow>("HorizonRow", field("snapshot", &HorizonRow::snapshot),
                                 field("newest", &HorizonRow::newest));
}

struct EventRow {
    std::int64_t transaction_id = 0;
    std::int64_t seq = 0;
    std::string id{};
    std::optional<std::string> organization_id{};
    std::string event{};
    std::string payload{};
    std::string request_id{};
    Timestamp created_at{};
};

StructType describe(Type<EventRow>) {
    return structure<EventRow>("EventRow", field("transaction_id", &EventRow::transaction_id),
                               field("seq", &EventRow::seq), field("id", &EventRow::id),
                               field("organization_id", &EventRow::organization_id), field("event", &EventRow::event),
                               field("payload", &EventRow::payload), field("request_id", &EventRow::request_id),
                               field("created_at", &EventRow::created_at));
}

struct MarkRow {
    std::int64_t transaction_id = 0;
    std::int64_t seq = 0;
    Timestamp created_at{};
};

StructType describe(Type<MarkRow>) {
    return structure<MarkRow>("MarkRow", field("transaction_id", &MarkRow::transaction_id), field("seq", &MarkRow::seq),
                              field("created_at", &MarkRow::created_at));
}

struct PositionRow {
    std::int64_t transaction_id = 0;
    std::int64_t seq = 0;
};

StructType describe(Type<PositionRow>) {
    return structure<PositionRow>("PositionRow", field("transaction_id", &PositionRow::transaction_id),
                                  field("seq", &PositionRow::seq));
}

constexpr std::int64_t kLastRow = std::numeric_limits<std::int64_t>::max();

/// The next number of a snapshot's text; 0 at its end.
std::int64_t take_number(std::string_view& text) {
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty()) text.remove_prefix(1);
    return error == std::errc() ? number : 0;
}

LoggedEvent logged(EventRow row) {
    return {.position = {row.transaction_id, row.seq},
            .event = {.id = std::move(row.id),
                      .name = std::move(row.event),
                      .organization_id = std::move(row.organization_id).value_or(std::string()),
                      .created_at = row.created_at,
                      .request_id = std::move(row.request_id)},
            .payload = std::move(row.payload)};
}

// What a transaction wrote is seen as soon as it is committed, which may be after others with higher ids. Nothing below
// the oldest transaction that runs is still to come (PostgreSQL, section 9.27.6 «Transaction ID and Snapshot
// Information»).
constexpr std::string_view kLook =
    "SELECT {{sqlite ''}}{{postgresql CAST(pg_current_snapshot() AS text)}} AS snapshot,"
    " (SELECT max({{sqlite seq}}{{postgresql xid}}) FROM outbox_events) AS newest";

#define NEXPO_BETWEEN                                               \
    "WHERE {{sqlite $1 = 0 AND seq > $2 AND $3 = 0 AND seq <= $4}}" \
    "{{postgresql (xid, seq) > ($1, $2) AND (xid, seq) <= ($3, $4)}}"

constexpr std::string_view kRead =
    "SELECT {{sqlite 0}}{{postgresql xid}} AS transaction_id, seq, id, organization_id, event,"
    " {{sqlite payload}}{{postgresql CAST(payload AS text)}} AS payload, request_id, created_at FROM "
    "outbox_events " NEXPO_BETWEEN
    " AND ($5 = '' OR organization_id = $5) ORDER BY {{sqlite seq}}{{postgresql xid, seq}} LIMIT $6";

constexpr std::string_view kMark =
    "SELECT {{sqlite 0}}{{postgresql xid}} AS transaction_id, seq, created_at FROM outbox_events " NEXPO_BETWEEN
    " ORDER BY {{sqlite seq}}{{postgresql xid, seq}} LIMIT 1 OFFSET $5";

#undef NEXPO_BETWEEN

constexpr std::string_view kFind =
    "SELECT {{sqlite 0}}{{postgresql xid}} AS transaction_id, seq FROM outbox_events WHERE id = $1"
    " AND organization_id = $2";

constexpr std::string_view kIsFromElsewhere =
    "SELECT {{sqlite FALSE}}{{postgresql EXISTS (SELECT 1 FROM outbox_events WHERE xid >="
    " CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint))}}";

}  // namespace

EventHorizon::EventHorizon(std::string_view snapshot, std::int64_t newest) {
    if (snapshot.empty()) {
        settled_ = {0, newest};
        return;
    }
    auto const oldest = take_number(snapshot);
    end_ = take_number(snapshot);
    while (!snapshot.empty()) running_.push_back(take_number(snapshot));
    std::ranges::sort(running_);
    settled_ = {oldest - 1, kLastRow};
    unsettled_ = newest >= oldest;
}

bool EventHorizon::had(EventPosition position) const noexcept {
    if (position <= settled_) return true;
    return position.transaction < end_ && !std::ranges::binary_search(running_, position.transaction);
}

Result<EventHorizon> EventLog::look(Read const& read) {
    if (auto ordered = store::prefer_index_order(read); !ordered) return std::move(ordered).error();
    auto const row = read.one<HorizonRow>(kLook, {});
    if (!row) return row.error();
    return EventHorizon((*row)->snapshot, (*row)->newest.value_or(0));
}

Result<std::optional<EventMark>> EventLog::mark(Read const& read, EventPosition after, EventPosition until,
                                                std::int64_t events) {
    auto const row = read.one<MarkRow>(kMark, {after.transaction, after.row, until.transaction, until.row, events - 1});
    if (!row) return row.error();
    if (!*row) return std::optional<EventMark>();
    return std::optional(EventMark{.position = {(*row)->transaction_id, (*row)->seq}, .at = (*row)->created_at});
}

Result<std::vector<LoggedEvent>> EventLog::read(Read const& read, EventPosition after, EventPosition until,
                                                std::string_view organization_id, std::int64_t limit) {
    auto rows =
        read.all<EventRow>(kRead, {after.transaction, after.row, until.transaction, until.row, organization_id, limit});
    if (!rows) return std::move(rows).error();
    std::vector<LoggedEvent> events;
    events.reserve(rows->size());
    for (auto& row : *rows) events.push_back(logged(std::move(row)));
    return events;
}

Result<std::optional<EventPosition>> EventLog::find(Read const& read, std::string_view id,
                                                    std::string_view organization_id) {
    auto const row = read.one<PositionRow>(kFind, {id, organization_id});
    if (!row) return row.error();
    if (!*row) return std::optional<EventPosition>();
    return std::optional(EventPosition{(*row)->transaction_id, (*row)->seq});
}

Result<bool> EventLog::is_from_elsewhere(Read const& read) {
    auto const row = read.one<bool>(kIsFromElsewhere, {});
    if (!row) return row.error();
    return row->value_or(false);
}

Result<void> EventLog::adopt(Transaction const& tx) {
    auto adopted = tx.execute(
        "UPDATE outbox_events SET {{sqlite seq = seq WHERE FALSE}}{{postgresql xid = 0 WHERE xid >="
        " CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)}}",
        {});
    if (!adopted) return std::move(adopted).error();
    return {};
}

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/event.hpp"
#include "nexpo/store.hpp"

namespace nexpo::operation {

/// Where an event stands among all events. SQLite commits one transaction after the other, so that the row's number
/// says it and `transaction` is 0. PostgreSQL commits them in any order: there the order is that of the transactions'
/// ids, and of the rows within one of them.
struct EventPosition {
    std::int64_t transaction = 0;
    std::int64_t row = 0;

    auto operator<=>(EventPosition const&) const = default;
};

/// What was committed at one moment.
class EventHorizon {
 public:
    EventHorizon() = default;
    /// Of a PostgreSQL snapshot as text (`pg_snapshot`, for example `100:105:100,103`) and the newest transaction whose
    /// events can be seen; or of a database without, an empty text and the newest row.
    EventHorizon(std::string_view snapshot, std::int64_t newest);

    /// Nothing will be committed at this position or before it any more.
    EventPosition settled() const noexcept { return settled_; }
    /// Something is committed behind it, which waits for a transaction that began earlier.
    bool is_unsettled() const noexcept { return unsettled_; }
    /// Whether an event was committed at that moment, whatever is settled.
    bool had(EventPosition position) const noexcept;

 private:
    EventPosition settled_{};
    bool unsettled_ = false;
    std::int64_t end_ = 0;               ///< Transactions from here on had not been committed.
    std::vector<std::int64_t> running_;  ///< Those before that had not been committed either, sorted.
};

/// An event and its place. Most are wanted by nobody in this process, so the payload is still text.
struct LoggedEvent {
    EventPosition position{};
    Event event{};
    std::string payload{};
};

/// A place, and when what stands there happened.
struct EventMark {
    EventPosition position{};
    Timestamp at{};
};

/// Reads the outbox in the order that is the same for all. Stateless.
class EventLog {
 public:
    /// To be called before `mark` and `read` in the same transaction. Needs to see the rows of every organization.
    static Result<EventHorizon> look(Read const& read);
    /// How far one look for a single organization's events may go from `after` to `until`: nowhere beyond so many
    /// events of all organizations. Nothing when there are fewer. Needs to see the rows of every organization.
    static Result<std::optional<EventMark>> mark(Read const& read, EventPosition after, EventPosition until,
                                                 std::int64_t events);
    /// Events behind `after`, up to and with `until`, which is settled. Of one organization unless the id is empty.
    static Result<std::vector<LoggedEvent>> read(Read const& read, EventPosition after, EventPosition until,
                                                 std::string_view organization_id, std::int64_t limit);
    /// The place of an organization's event.
    static Result<std::optional<EventPosition>> find(Read const& read, std::string_view id,
                                                     std::string_view organization_id);
    /// Whether the database was copied from a server on which more transactions had happened, so that its events seem
    /// to lie in the future.
    static Result<bool> is_from_elsewhere(Read const& read);
    /// Puts such events before all others.
    static Result<void> adopt(Transaction const& tx);
};

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "nexpo/caller.hpp"
#include "nexpo/secret.hpp"
#include "work/event_filter.hpp"
#include "work/live_event.hpp"

namespace nexpo::work {

class EventHub;

/// Where a feed begins.
struct FeedStart {
    operation::EventPosition position{};
    /// What had been committed then is not delivered; absent: everything behind the position is.
    std::optional<operation::EventHorizon> from_now{};
    Timestamp at{};
};

/// Who reads.
struct FeedReader {
    Caller caller{};
    Secret token{};  ///< What identified the caller; empty for one whom the application vouches for.
    operation::Permissions const* permissions = nullptr;
};

/// One subscription: a place in the order of events. It is fed from the hub's ring while it keeps up, else it reads the
/// database itself. Thread-safe; two who pull at once get different events.
class EventFeed : public std::enable_shared_from_this<EventFeed> {
 public:
    EventFeed(EventHub& hub, FeedReader reader, EventFilter filter, FeedStart start);

    /// The next event; null when there is none now. Errors: those of `Subscription`.
    Result<SharedEvent> pull();
    /// Waits until `pull` may have something to say.
    void wait(std::chrono::milliseconds most, std::stop_token const& stop);
    void on_ready(std::function<void()> function);
    /// Ends it with an error; the first one stays.
    void end(Error error);

    /// Ends it unless the reader may still read.
    void check();

 private:
    friend class EventHub;

    /// What the hub knows of it, under the hub's lock.
    struct Place {
        bool live = false;       ///< `next` is a number in the ring, or will be.
        bool idle = false;       ///< Live, and nothing in the ring is for it.
        std::uint64_t next = 0;  ///< The number to go on at.
        bool ready = true;       ///< There may be something to pull.
        std::optional<Error> ended{};
        std::shared_ptr<std::function<void()> const> on_ready{};
    };

    bool wants(LiveEvent const& event) const;
    Result<Caller> identify() const;
    /// Under `pulling_`: takes what is next, if the reader may see it.
    Result<SharedEvent> pull_next();
    Result<void> authorize();
    Result<bool> refill();

    EventHub& hub_;
    FeedReader const reader_;
    EventFilter const filter_;
    std::string const& organization_id_;
    std::optional<operation::EventHorizon> const from_now_;

    std::mutex pulling_;  // before the hub's lock
    Caller caller_;       // as of the last look, under `pulling_`
    std::deque<SharedEvent> staged_;

    // Under the hub's lock:
    Place place_;
    operation::EventPosition position_;  ///< Everything up to here is delivered, staged or not for this feed.
    Timestamp position_at_;
    std::condition_variable_any woken_;
    std::uint64_t number_ = 0;  ///< Among the hub's feeds.
};

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "nexpo/config.hpp"
#include "operation/ports.hpp"
#include "store/signals.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "work/event_feed.hpp"
#include "work/event_ring.hpp"

namespace nexpo::work {

/// What the hub works with. The references outlive it.
struct EventHubParts {
    store::Store& store;
    operation::Identifier& identifier;
    telemetry::Metrics& metrics;
    telemetry::Logger log;
    std::shared_ptr<Clock> clock;
    bool thread;                  ///< Whether it may have one.
    std::size_t most;             ///< Feeds in this process; 0 = no limit.
    std::size_t most_per_caller;  ///< The same for one caller.
};

/// Reads new events once for all feeds of the process and wakes those that want them. Does nothing while there are
/// none. Thread-safe.
class EventHub {
 public:
    explicit EventHub(EventHubParts parts);
    ~EventHub();
    EventHub(EventHub const&) = delete;
    EventHub& operator=(EventHub const&) = delete;

    EventCatalogue& catalogue() noexcept { return catalogue_; }

    /// To be called before places are looked for: puts events that came with a copy of another server's database before
    /// all others. Errors: unavailable.
    Result<void> adopt_events();
    /// The horizon of this moment. Errors: unavailable.
    Result<operation::EventHorizon> look(store::ReadLimits const& limits) const;
    /// The place of an organization's event. Errors: unavailable.
    Result<std::optional<operation::EventPosition>> find(std::string_view id, std::string_view organization_id,
                                                         store::ReadLimits const& limits) const;
    /// Errors: resource_exhausted (`too_many_streams`), unavailable (`closed`).
    Result<std::shared_ptr<EventFeed>> open(FeedReader reader, EventFilter filter, FeedStart start,
                                            operation::EventHorizon const& now);
    void remove(EventFeed& feed);

    /// Ends every feed and the thread.
    void close();

 private:
    friend class EventFeed;
    using Lock = std::unique_lock<std::mutex>;
    using Feeds = std::map<std::uint64_t, std::shared_ptr<EventFeed>>;
    using Functions = std::vector<std::shared_ptr<std::function<void()> const>>;

    /// For the feed that pulls: the next event in the ring for it.
    struct Peek {
        std::optional<Error> ended{};
        bool behind = false;
        SharedEvent event{};
    };
    Peek peek(EventFeed& feed);
    void advance(EventFeed& feed, LiveEvent const& event);
    /// The feed has read up to `position` from the database.
    void catch_up(EventFeed& feed, operation::EventPosition position, Timestamp at);
    void join_ring(EventFeed& feed);
    /// Says what has to be called once the lock is free.
    static std::shared_ptr<std::function<void()> const> wake(EventFeed& feed);
    void wake_again(EventFeed& feed);
    void end(EventFeed& feed, Error error);
    std::pair<operation::EventPosition, Timestamp> place_of(EventFeed& feed);
    bool has_thread() const noexcept { return parts_.thread; }

    void run();
    /// Events may have been committed. Cheap while nobody subscribes.
    void hint();
    bool wait(Lock& lock, bool more);
    std::chrono::milliseconds pause() const;
    /// Whether there is more to be read at once.
    bool read_new();
    Functions append(std::vector<operation::LoggedEvent> found, operation::EventPosition from,
                     operation::EventPosition until);
    void check_some();
    void report(Error const& error);

    EventHubParts parts_;
    EventCatalogue catalogue_;
    telemetry::Counter& delivered_;
    std::atomic<std::size_t> count_ = 0;
    std::atomic<bool> adopted_ = false;
    std::once_flag listens_;
    store::Signals::Listening
        listening_;  // neither begun nor ended under the lock, as whoever sends a signal waits for it

    std::mutex mutex_;
    std::condition_variable rung_;
    bool hinted_ = false;
    bool closing_ = false;
    EventRing ring_;
    operation::EventPosition position_{};  ///< Up to here everything is, or was, in the ring.
    std::uint64_t newest_feed_ = 0;
    Feeds feeds_;
    std::map<std::string, std::map<std::uint64_t, EventFeed*>, std::less<>> by_organization_;
    std::map<std::string, std::size_t, std::less<>> by_caller_;
    std::thread thread_;

    // Of the thread alone:
    int unsettled_looks_ = 0;  ///< In a row that found something which waits for an earlier transaction.
    std::uint64_t checked_feed_ = 0;
    std::chrono::steady_clock::time_point next_check_{};
    bool failing_ = false;  ///< One line for a database that is away, not one a second.
};

/// Keeps a feed open.
class OpenFeed {
 public:
    OpenFeed(EventHub& hub, std::shared_ptr<EventFeed> feed) : hub_(hub), feed_(std::move(feed)) {}
    ~OpenFeed() { hub_.remove(*feed_); }
    OpenFeed(OpenFeed const&) = delete;
    OpenFeed& operator=(OpenFeed const&) = delete;

    /// Ends the feed and frees its place.
    void close() { hub_.remove(*feed_); }
    EventFeed& operator*() const noexcept { return *feed_; }
    EventFeed* operator->() const noexcept { return feed_.get(); }

 private:
    EventHub& hub_;
    std::shared_ptr<EventFeed> feed_;
};

}  // namespace nexpo::work

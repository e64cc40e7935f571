// SPDX-License-Identifier: Apache-2.0
#include "work/event_hub.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "operation/event_log.hpp"
#include "operation/outbox.hpp"

namespace nexpo::work {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::int64_t kBatch = 256;
constexpr auto kReadTime = 10s;
/// Hints may be lost, and rights end without one.
constexpr auto kLookInterval = 1s;
/// Feeds whose readers are looked at in each interval; more of them take turns.
constexpr std::size_t kMostChecks = 1'000;
/// An event that waits for an earlier transaction is looked for soon, and then less and less often.
constexpr std::chrono::milliseconds kFirstPause{2};
constexpr std::chrono::milliseconds kLongestPause{250};
constexpr int kMostDoublings = 7;

Error closed_error() {
    return {Errc::unavailable, "closed", "the backend is closed"};
}

Error too_many() {
    return {Errc::resource_exhausted, "too_many_streams", "too many streams are open; close one first", {}, 5s};
}

std::string caller_key(Caller const& caller) {
    auto const& who = caller.kind == CallerKind::api_key ? caller.api_key_id : caller.account_id;
    return who + '\n' + caller.organization_id;
}

}  // namespace

EventHub::EventHub(EventHubParts parts)
    : parts_(std::move(parts)),
      delivered_(parts_.metrics.counter("nexpo_events_delivered_total", "Events given to live subscriptions.")) {
    parts_.metrics.gauge("nexpo_event_subscriptions", "Live subscriptions that are open.", {},
                         [this] { return static_cast<double>(count_.load()); });
}

EventHub::~EventHub() {
    close();
}

void EventHub::hint() {
    if (count_ == 0) return;
    {
        std::lock_guard const lock(mutex_);
        hinted_ = true;
    }
    rung_.notify_one();
}

Result<operation::EventHorizon> EventHub::look(store::ReadLimits const& limits) const {
    operation::EventHorizon horizon;
    auto const looked = parts_.store.read({store::Scope::installation()}, limits, [&](Read& read) -> Result<void> {
        auto found = operation::EventLog::look(read);
        if (!found) return std::move(found).error();
        horizon = std::move(*found);
        return {};
    });
    if (!looked) return looked.error();
    return horizon;
}

Result<std::optional<operation::EventPosition>> EventHub::find(std::string_view id, std::string_view organization_id,
                                                               store::ReadLimits const& limits) const {
    std::optional<operation::EventPosition> position;
    // Without a caller: a replica may not know of the event yet.
    auto const looked =
        parts_.store.read({store::Scope::organization(organization_id)}, limits, [&](Read& read) -> Result<void> {
            auto found = operation::EventLog::find(read, id, organization_id);
            if (!found) return std::move(found).error();
            position = *found;
            return {};
        });
    if (!looked) return looked.error();
    return position;
}

Result<std::shared_ptr<EventFeed>> EventHub::open(FeedReader reader, EventFilter filter, FeedStart start,
                                                  operation::EventHorizon const& now) {
    std::call_once(listens_, [this] {
        listening_ = parts_.store.signals().listen(std::string(operation::kEventsCommitted),
                                                   [this](std::string_view) { hint(); });
    });
    auto const limited = reader.caller.kind != CallerKind::system;
    auto const key = caller_key(reader.caller);
    auto feed = std::make_shared<EventFeed>(*this, std::move(reader), std::move(filter), std::move(start));
    std::lock_guard const lock(mutex_);
    if (closing_) return closed_error();
    if (limited) {
        auto const held = by_caller_.find(key);
        bool const caller_full =
            parts_.most_per_caller != 0 && held != by_caller_.end() && held->second >= parts_.most_per_caller;
        if (caller_full || (parts_.most != 0 && feeds_.size() >= parts_.most)) return too_many();
    }
    if (feeds_.empty()) {
        position_ = now.settled();
        ring_.begin_at(position_);
    }
    feed->number_ = ++newest_feed_;
    feeds_.emplace(feed->number_, feed);
    by_organization_[feed->organization_id_].emplace(feed->number_, feed.get());
    ++by_caller_[key];
    count_ = feeds_.size();
    join_ring(*feed);
    if (parts_.thread && !thread_.joinable()) thread_ = std::thread([this] { run(); });
    rung_.notify_one();
    return feed;
}

void EventHub::remove(EventFeed& feed) {
    end(feed, {Errc::unavailable, "closed", "the subscription is closed"});
    std::shared_ptr<EventFeed> removed;  // destroyed after the lock is free
    std::lock_guard const lock(mutex_);
    auto const found = feeds_.find(feed.number_);
    if (found == feeds_.end()) return;
    removed = std::move(found->second);
    feeds_.erase(found);
    count_ = feeds_.size();
    auto const organization = by_organization_.find(feed.organization_id_);
    organization->second.erase(feed.number_);
    if (organization->second.empty()) by_organization_.erase(organization);
    auto const caller = by_caller_.find(caller_key(feed.reader_.caller));
    if (--caller->second == 0) by_caller_.erase(caller);
    feed.place_.on_ready.reset();
}

void EventHub::close() {
    std::vector<std::shared_ptr<EventFeed>> feeds;
    std::thread thread;
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
        thread.swap(thread_);
        for (auto const& [number, feed] : feeds_) feeds.push_back(feed);
    }
    rung_.notify_one();
    if (thread.joinable()) thread.join();
    std::call_once(listens_, [] {});  // nobody begins to listen any more
    listening_ = {};
    for (auto const& feed : feeds) end(*feed, closed_error());
}

EventHub::Peek EventHub::peek(EventFeed& feed) {
    std::lock_guard const lock(mutex_);
    auto& place = feed.place_;
    if (place.ended) return {.ended = place.ended};
    if (place.idle && place.live && has_thread()) return {};
    place.live = place.live && has_thread() && place.next >= ring_.first();
    if (!place.live) return {.behind = true};
    for (; place.next < ring_.end(); ++place.next) {
        auto const& event = ring_.at(place.next);
        if (event->position() <= feed.position_) continue;
        if (feed.wants(*event)) return {.event = event};
        feed.position_ = event->position();
        feed.position_at_ = event->created_at();
    }
    if (feed.staged_.empty()) {
        place.idle = true;
        place.ready = false;
    }
    return {};
}

void EventHub::advance(EventFeed& feed, LiveEvent const& event) {
    std::lock_guard const lock(mutex_);
    feed.position_ = event.position();
    feed.position_at_ = event.created_at();
    ++feed.place_.next;
}

std::pair<operation::EventPosition, Timestamp> EventHub::place_of(EventFeed& feed) {
    std::lock_guard const lock(mutex_);
    return {feed.position_, feed.position_at_};
}

void EventHub::catch_up(EventFeed& feed, operation::EventPosition position, Timestamp at) {
    std::lock_guard const lock(mutex_);
    if (position <= feed.position_) return join_ring(feed);
    feed.position_ = position;
    feed.position_at_ = at;
    join_ring(feed);
}

/// Once the ring has everything behind what it has read itself.
void EventHub::join_ring(EventFeed& feed) {
    auto& place = feed.place_;
    place.idle = false;
    place.live = ring_.start() <= feed.position_;
    if (place.live) place.next = ring_.behind(feed.position_);
}

std::shared_ptr<std::function<void()> const> EventHub::wake(EventFeed& feed) {
    if (std::exchange(feed.place_.ready, true)) return nullptr;
    feed.woken_.notify_all();
    return feed.place_.on_ready;
}

void EventHub::wake_again(EventFeed& feed) {
    std::shared_ptr<std::function<void()> const> function;
    {
        std::lock_guard const lock(mutex_);
        feed.place_.ready = false;
        function = wake(feed);
    }
    if (function && *function) (*function)();
}

void EventHub::end(EventFeed& feed, Error error) {
    std::shared_ptr<std::function<void()> const> function;
    {
        std::lock_guard const lock(mutex_);
        if (feed.place_.ended) return;
        feed.place_.ended = std::move(error);
        function = wake(feed);
        feed.woken_.notify_all();
    }
    if (function && *function) (*function)();
}

void EventHub::run() {
    Lock lock(mutex_);
    bool more = false;
    while (wait(lock, more)) {
        hinted_ = false;
        lock.unlock();
        try {
            more = read_new();
            if (Clock::now() >= next_check_) {
                check_some();
                next_check_ = Clock::now() + kLookInterval;
            }
        } catch (std::exception const& exception) {  // no memory; the thread must go on
            more = false;
            report({Errc::internal, "exception", exception.what()});
        }
        lock.lock();
    }
}

/// Until there is something to do; false at the end.
bool EventHub::wait(Lock& lock, bool more) {
    if (feeds_.empty()) {
        unsettled_looks_ = 0;
        rung_.wait(lock, [this] { return closing_ || !feeds_.empty(); });
    } else if (!more) {
        rung_.wait_for(lock, pause(), [this] { return closing_ || hinted_; });
    }
    return !closing_;
}

std::chrono::milliseconds EventHub::pause() const {
    auto const until_check = std::chrono::ceil<std::chrono::milliseconds>(next_check_ - Clock::now());
    auto const longest = std::clamp<std::chrono::milliseconds>(until_check, 0ms, kLookInterval);
    if (unsettled_looks_ == 0) return longest;
    auto const soon = kFirstPause * (1 << std::min(unsettled_looks_ - 1, kMostDoublings));
    return std::min({longest, soon, kLongestPause});
}

bool EventHub::read_new() {
    operation::EventPosition position;
    {
        std::lock_guard const lock(mutex_);
        position = position_;
    }
    operation::EventHorizon horizon;
    std::vector<operation::LoggedEvent> found;
    auto const looked =
        parts_.store.read({store::Scope::installation()}, {.deadline = parts_.clock->steady_now() + kReadTime},
                          [&](Read& read) -> Result<void> {
                              auto looked_at = operation::EventLog::look(read);
                              if (!looked_at) return std::move(looked_at).error();
                              horizon = std::move(*looked_at);
                              if (horizon.settled() <= position) return {};
                              auto events = operation::EventLog::read(read, position, horizon.settled(), {}, kBatch);
                              if (!events) return std::move(events).error();
                              found = std::move(*events);
                              return {};
                          });
    if (!looked) {
        report(looked.error());
        return false;
    }
    failing_ = false;
    unsettled_looks_ = !horizon.is_unsettled() ? 0 : found.empty() ? unsettled_looks_ + 1 : 1;
    bool const more = found.size() == static_cast<std::size_t>(kBatch);
    auto const until = more ? found.back().position : std::max(position, horizon.settled());
    for (auto const& function : append(std::move(found), position, until)) (*function)();
    return more;
}

/// What has to be called now.
EventHub::Functions EventHub::append(std::vector<operation::LoggedEvent> found, operation::EventPosition from,
                                     operation::EventPosition until) {
    Functions functions;
    std::lock_guard const lock(mutex_);
    // The last feed may have gone meanwhile, and another one begun elsewhere.
    if (position_ != from) return functions;
    for (auto& logged : found) {
        auto const event = std::make_shared<LiveEvent const>(std::move(logged));
        ring_.append(event);
        auto const feeds = by_organization_.find(event->organization_id());
        if (feeds == by_organization_.end()) continue;
        for (auto const& [number, feed] : feeds->second) {
            if (event->position() <= feed->position_ || !feed->wants(*event)) continue;
            if (std::exchange(feed->place_.idle, false)) {
                feed->place_.next = ring_.end() - 1;
                // Nothing before it was for this feed.
                feed->position_ = {event->position().transaction, event->position().row - 1};
                feed->position_at_ = event->created_at();
            }
            auto function = wake(*feed);
            if (function && *function) functions.push_back(std::move(function));
        }
    }
    position_ = until;
    return functions;
}

/// Those whose turn it is.
void EventHub::check_some() {
    std::vector<std::shared_ptr<EventFeed>> feeds;
    {
        std::lock_guard const lock(mutex_);
        auto left = std::min(feeds_.size(), kMostChecks);
        auto next = feeds_.upper_bound(checked_feed_);
        while (left > 0) {
            if (next == feeds_.end()) next = feeds_.begin();
            if (!next->second->place_.ended) feeds.push_back(next->second);
            --left;
            checked_feed_ = next->first;
            ++next;
        }
    }
    for (auto const& feed : feeds) feed->check();
}

Result<void> EventHub::adopt_events() {
    if (adopted_) return {};
    bool adopts = false;
    auto looked = parts_.store.read({store::Scope::installation()}, {}, [&](Read& read) -> Result<void> {
        auto found = operation::EventLog::is_from_elsewhere(read);
        if (!found) return std::move(found).error();
        adopts = *found;
        return {};
    });
    if (!looked) return looked;
    if (adopts) {
        auto adopted = parts_.store.write_and_wait(
            {store::Scope::installation()},
            [](Transaction& tx, TransactionState&) { return operation::EventLog::adopt(tx); });
        if (!adopted) return adopted;
    }
    adopted_ = true;
    return {};
}

void EventHub::report(Error const& error) {
    if (!failing_) parts_.log.error("new events could not be read", {{"reason", error.reason}});
    failing_ = true;
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#include "work/event_feed.hpp"

#include <algorithm>
#include <utility>

#include "operation/call_state.hpp"
#include "operation/outbox.hpp"
#include "store/scope_change.hpp"
#include "work/event_hub.hpp"
#include "work/event_service.hpp"

namespace nexpo::work {

namespace {

/// How many events are read, and may be held, at once.
constexpr std::int64_t kBatch = 64;
/// How many events of all organizations are passed on the way, so that each look comes to its end.
constexpr std::int64_t kMostPassed = 20'000;
/// How many batches that hold nothing for the reader are read before others get a turn.
constexpr int kMostBatches = 4;
constexpr std::chrono::seconds kReadTime{10};
/// Without a thread nobody wakes who waits.
constexpr std::chrono::milliseconds kLookPause{250};

bool is_final(Error const& error) {
    return error.code == Errc::unauthenticated || error.code == Errc::permission_denied;
}

}  // namespace

EventFeed::EventFeed(EventHub& hub, FeedReader reader, EventFilter filter, FeedStart start)
    : hub_(hub),
      reader_(std::move(reader)),
      filter_(std::move(filter)),
      organization_id_(reader_.caller.organization_id),
      from_now_(std::move(start.from_now)),
      caller_(reader_.caller),
      position_(start.position),
      position_at_(start.at) {}

bool EventFeed::wants(LiveEvent const& event) const {
    return event.organization_id() == organization_id_ && filter_.passes(event.name()) &&
           !(from_now_ && from_now_->had(event.position()));
}

Result<SharedEvent> EventFeed::pull() {
    std::lock_guard const lock(pulling_);
    return pull_next();
}

Result<SharedEvent> EventFeed::pull_next() {
    for (int batches = 0;;) {
        auto next = hub_.peek(*this);
        if (next.ended) return *next.ended;
        bool const staged = !staged_.empty();
        if (staged) next.event = staged_.front();
        if (!next.event && !next.behind) return SharedEvent();
        if (!next.event) {
            if (batches++ == kMostBatches) {
                hub_.wake_again(*this);
                return SharedEvent();
            }
            auto const complete = refill();
            if (!complete) return complete.error();
            if (staged_.empty() && *complete && !hub_.has_thread()) return SharedEvent();
            continue;
        }
        if (auto may = authorize(); !may) return std::move(may).error();
        if (staged) {
            staged_.pop_front();
        } else {
            hub_.advance(*this, *next.event);
        }
        if (!hub_.catalogue().may_see(*reader_.permissions, caller_, next.event->name())) continue;
        hub_.delivered_.add();
        return next.event;
    }
}

Result<Caller> EventFeed::identify() const {
    if (reader_.token.empty()) return reader_.caller;
    auto& parts = hub_.parts_;
    store::ReadLimits const limits{.deadline = parts.clock->steady_now() + kReadTime};
    return parts.identifier.identify(reader_.token.reveal(), limits, [] { return Result<void>(); });
}

Result<void> EventFeed::authorize() {
    auto caller = identify();
    if (!caller) {
        if (is_final(caller.error())) end(caller.error());
        return std::move(caller).error();
    }
    if (!operation::may(*reader_.permissions, *caller, kReadEvents)) {
        Error const error{Errc::permission_denied, "permission_denied", "the caller may not read events any more"};
        end(error);
        return error;
    }
    caller_ = std::move(*caller);
    return {};
}

void EventFeed::check() {
    auto const caller = identify();
    if (!caller) {
        if (is_final(caller.error())) end(caller.error());
        return;
    }
    if (operation::may(*reader_.permissions, *caller, kReadEvents)) return;
    end({Errc::permission_denied, "permission_denied", "the caller may not read events any more"});
}

/// Reads what comes next from the database; true when nothing is left there.
Result<bool> EventFeed::refill() {
    auto& parts = hub_.parts_;
    auto const now = parts.clock->now();
    auto const [position, at] = hub_.place_of(*this);
    if (now - at > operation::kOutboxAge) {
        auto error = too_old();
        end(error);
        return error;
    }
    operation::EventMark until;
    bool complete = false;
    std::vector<operation::LoggedEvent> found;
    auto const looked = parts.store.read(
        {store::Scope::installation()}, {.deadline = parts.clock->steady_now() + kReadTime},
        [&, from = position](Read& read) -> Result<void> {
            auto looked_at = operation::EventLog::look(read);
            if (!looked_at) return std::move(looked_at).error();
            auto const settled = looked_at->settled();
            auto const mark = operation::EventLog::mark(read, from, settled, kMostPassed);
            if (!mark) return mark.error();
            until = mark->value_or(operation::EventMark{.position = settled, .at = now});
            complete = !*mark;
            store::ScopeChange const own(read, store::Scope::organization(organization_id_));
            auto events = operation::EventLog::read(read, from, until.position, organization_id_, kBatch);
            if (!events) return std::move(events).error();
            found = std::move(*events);
            return {};
        });
    if (!looked) return looked.error();
    if (found.size() == static_cast<std::size_t>(kBatch)) {
        until = {.position = found.back().position, .at = found.back().event.created_at};
        complete = false;
    }
    for (auto& logged : found) {
        auto event = std::make_shared<LiveEvent const>(std::move(logged));
        if (wants(*event)) staged_.push_back(std::move(event));
    }
    hub_.catch_up(*this, until.position, until.at);
    return complete;
}

void EventFeed::wait(std::chrono::milliseconds most, std::stop_token const& stop) {
    std::unique_lock lock(hub_.mutex_);
    if (!hub_.has_thread()) {
        woken_.wait_for(lock, stop, std::min(most, kLookPause), [this] { return place_.ended.has_value(); });
        return;
    }
    woken_.wait_for(lock, stop, most, [this] { return place_.ready; });
}

void EventFeed::on_ready(std::function<void()> function) {
    auto shared = std::make_shared<std::function<void()> const>(std::move(function));
    {
        std::lock_guard const lock(hub_.mutex_);
        place_.on_ready = shared;
        if (!place_.ready) return;
    }
    if (*shared) (*shared)();
}

void EventFeed::end(Error error) {
    hub_.end(*this, std::move(error));
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Live events: what happens in an organization, as it happens.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/json.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

struct SubscriptionState;

/// Something that happened.
struct Event {
    std::string id{};               ///< `evt_…`; where a subscription goes on, see `SubscribeEvents::after`.
    std::string name{};             ///< `<noun>.<past participle>`, for example `user.created`.
    std::string organization_id{};  ///< `org_…`, where it happened.
    Json payload{};                 ///< What it says, in the form that whoever emits it declares.
    Timestamp created_at{};         ///< The time of the call that emitted it.
    std::string request_id{};       ///< Of the call that emitted it, or the id of the job.
};

/// Input of `events.subscribe`.
struct SubscribeEvents {
    /// Only events of these names: `user.created`, or "user.*" for all of a noun, or "*" for all. Empty: all that the
    /// caller may read. At most 50.
    std::vector<std::string> events{};
    /// The id of an event: everything after it is delivered first, up to seven days old. Absent: what happens from now
    /// on.
    std::optional<std::string> after{};
};

NEXPO_API StructType describe(Type<Event>);            ///< Description.
NEXPO_API StructType describe(Type<SubscribeEvents>);  ///< Description.

/// Events of one organization, pulled one by one: each that was committed, once, in an order that is the same for every
/// subscription. It holds a place in the database and no queue, so that a slow reader costs no memory. Cheap to copy;
/// copies share the place. Thread-safe. The last copy closes it.
///
/// Whether the caller may still read is asked again, for every event and once a second. These errors end the
/// subscription and are answered from then on: unauthenticated (`session_ended`, `token_expired`, `api_key_invalid`,
/// …), permission_denied, out_of_range (`event_too_old`: it was not read for seven days), unavailable (`closed`: the
/// backend or the subscription was closed). Other errors, such as a database that does not answer, do not end it: ask
/// again.
class NEXPO_API Subscription {
 public:
    /// The next event, or nothing when none came within `timeout`, or the `stop` of the call's options was requested.
    Result<std::optional<Event>> next(std::chrono::milliseconds timeout) const;
    /// The next event, or nothing when there is none now. May read from the database.
    Result<std::optional<Event>> try_next() const;
    /// Has `function` called, from any thread of the library, whenever `try_next` has something to say again (an event
    /// or the end) after it had nothing; at once if that is so already. It must be quick, must not throw and must not
    /// call this subscription; it may still run while or shortly after the subscription is closed. Replaces the one
    /// before. Needs `ThreadsConfig::events`.
    void on_ready(std::function<void()> function) const;
    /// Ends it. Idempotent.
    void close() const;

    /// Made by `Events::subscribe`.
    explicit Subscription(std::shared_ptr<SubscriptionState> state) noexcept;

 private:
    std::shared_ptr<SubscriptionState> state_;
};

/// The live events of the caller's organization. Cheap to copy and safe to share between threads.
class NEXPO_API Events {
 public:
    /// Opens a subscription. What the caller may not read is left out.
    /// Errors: unauthenticated, permission_denied (`permission_denied`), invalid_argument (`validation_failed`: a
    /// pattern that no event fits), out_of_range (`event_too_old`), not_found (`event_not_found`: `after` names none of
    /// this organization), resource_exhausted (`too_many_streams`, `rate_limited`), unavailable.
    Result<Subscription> subscribe(SubscribeEvents const& input) const;

    /// Made by `Api::events`.
    explicit Events(std::shared_ptr<ApiState const> state) noexcept;

 private:
    std::shared_ptr<ApiState const> state_;
};

}  // namespace nexpo::inline v1

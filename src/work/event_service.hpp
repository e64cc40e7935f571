// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "nexpo/event.hpp"
#include "nexpo/operation.hpp"
#include "work/event_hub.hpp"

namespace nexpo::work {

/// What it takes to read events at all.
inline constexpr std::string_view kReadEvents = "events:read";

/// The answer for a place that is not kept any more.
Error too_old();

/// Opens subscriptions. Stateless.
class EventService {
 public:
    explicit EventService(EventHub& hub) : hub_(hub) {}

    Result<std::shared_ptr<OpenFeed>> subscribe(Call& call, SubscribeEvents const& input) const;

 private:
    Result<void> check_patterns(Call const& call, SubscribeEvents const& input) const;
    Result<FeedStart> find_start(Call const& call, SubscribeEvents const& input,
                                 operation::EventHorizon const& now) const;

    EventHub& hub_;
};

/// Declares `events.subscribe`, which answers with an `OpenFeed`.
void add_operations(OperationTable& table, EventService const& service);

}  // namespace nexpo::work

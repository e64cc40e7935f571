// SPDX-License-Identifier: Apache-2.0
#include "work/event_service.hpp"

#include <algorithm>
#include <utility>

#include "base/first_id.hpp"
#include "describe/codec.hpp"
#include "nexpo/id.hpp"
#include "operation/call_state.hpp"
#include "operation/outbox.hpp"

namespace nexpo::work {

Error too_old() {
    return {Errc::out_of_range, "event_too_old", "events are kept for seven days: read everything anew"};
}

Result<std::shared_ptr<OpenFeed>> EventService::subscribe(Call& call, SubscribeEvents const& input) const {
    if (auto sound = check_patterns(call, input); !sound) return std::move(sound).error();
    if (auto adopted = hub_.adopt_events(); !adopted) return std::move(adopted).error();
    auto const now = hub_.look(operation::limits_of(call));
    if (!now) return now.error();
    auto start = find_start(call, input, *now);
    if (!start) return std::move(start).error();
    auto feed = hub_.open(
        {.caller = call.caller(), .token = call.state().token, .permissions = &operation::permissions_of(call)},
        EventFilter(input.events), std::move(*start), *now);
    if (!feed) return std::move(feed).error();
    return std::make_shared<OpenFeed>(hub_, std::move(*feed));
}

Result<void> EventService::check_patterns(Call const& call, SubscribeEvents const& input) const {
    auto const& catalogue = hub_.catalogue();
    std::vector<Violation> violations;
    for (std::size_t i = 0; i < input.events.size(); ++i) {
        auto const& pattern = input.events[i];
        if (!catalogue.fits_any(pattern)) {
            violations.push_back({"/events/" + std::to_string(i), "known", "no event has a name like this"});
        } else if (catalogue.knows(pattern) &&
                   !catalogue.may_see(operation::permissions_of(call), call.caller(), pattern)) {
            return Error{Errc::permission_denied, "permission_denied", "the caller may not see " + pattern};
        }
    }
    if (violations.empty()) return {};
    return describe::validation_error(std::move(violations));
}

Result<FeedStart> EventService::find_start(Call const& call, SubscribeEvents const& input,
                                           operation::EventHorizon const& now) const {
    if (!input.after) return FeedStart{.position = now.settled(), .from_now = now, .at = call.now()};
    if (!is_id(*input.after, operation::kEventIdPrefix)) {
        return describe::validation_error({{"/after", "id", "must be the id of an event"}});
    }
    if (*input.after < base::first_id(operation::kEventIdPrefix, call.now() - operation::kOutboxAge)) return too_old();
    auto const found = hub_.find(*input.after, call.organization_id(), operation::limits_of(call));
    if (!found) return found.error();
    if (!*found) return Error{Errc::not_found, "event_not_found", "there is no such event"};
    return FeedStart{.position = **found, .from_now = std::nullopt, .at = call.now()};
}

void add_operations(OperationTable& table, EventService const& service) {
    table.add_stream(
        {.info = {.name = "events.subscribe",
                  .summary = "Follow what happens in the organization",
                  .description =
                      "A stream of server-sent events (WHATWG HTML section 9.2), or of JSON messages over WebSocket "
                      "(RFC 6455). Every event that was committed comes once, in an order that is the same for all. "
                      "Who was cut off goes on behind the last event that came, with `after` or `Last-Event-ID`. "
                      "Events that the caller may not see are left out.",
                  .kind = OperationKind::stream,
                  .rest = "GET /events/stream",
                  .permission = std::string(kReadEvents),
                  .reasons = {{Errc::out_of_range, "event_too_old"},
                              {Errc::not_found, "event_not_found"},
                              {Errc::resource_exhausted, "too_many_streams"}}},
         .input = &struct_type<SubscribeEvents>(),
         .output = &struct_type<Event>(),
         .handler = [&service](Call& call, void const* input) -> AnyReply {
             auto feed = service.subscribe(call, *static_cast<SubscribeEvents const*>(input));
             if (!feed) return Result<AnyOutput>(std::move(feed).error());
             return Result<AnyOutput>(AnyOutput(std::move(*feed)));
         }});
}

}  // namespace nexpo::work

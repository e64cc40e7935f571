// SPDX-License-Identifier: Apache-2.0
#include "work/event_filter.hpp"

#include <algorithm>

#include "operation/call_state.hpp"

namespace nexpo::work {

namespace {

bool fits(std::string_view pattern, std::string_view event) {
    if (pattern == "*") return true;
    if (!pattern.ends_with(".*")) return pattern == event;
    return event.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

void EventCatalogue::add(std::vector<EventType> const& emitted) {
    for (auto const& event : emitted) {
        auto& needed = permissions_[event.name];
        if (!event.permission.empty()) needed.insert(event.permission);
    }
}

bool EventCatalogue::fits_any(std::string_view pattern) const {
    return std::ranges::any_of(permissions_, [&](auto const& event) { return fits(pattern, event.first); });
}

bool EventCatalogue::may_see(operation::Permissions const& permissions, Caller const& caller,
                             std::string_view event) const {
    if (caller.kind == CallerKind::system) return true;
    auto const found = permissions_.find(event);
    return found != permissions_.end() && std::ranges::all_of(found->second, [&](std::string const& permission) {
               return operation::may(permissions, caller, permission);
           });
}

bool EventFilter::passes(std::string_view event) const {
    return patterns_.empty() ||
           std::ranges::any_of(patterns_, [&](std::string const& pattern) { return fits(pattern, event); });
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#include "nexpo/event.hpp"

namespace nexpo::inline v1 {

StructType describe(Type<Event>) {
    return structure<Event>(
        "Event", field("id", &Event::id).id("evt").doc("Where a subscription goes on, as `after`."),
        field("name", &Event::name).doc("For example `user.created`."),
        field("organization_id", &Event::organization_id).id("org").doc("Where it happened."),
        field("payload", &Event::payload).doc("What it says, in the form that its name stands for."),
        field("created_at", &Event::created_at).doc("The time of the call that emitted it."),
        field("request_id", &Event::request_id).doc("Of the call that emitted it, or the id of the job."));
}

StructType describe(Type<SubscribeEvents>) {
    return structure<SubscribeEvents>(
        "SubscribeEvents",
        field("events", &SubscribeEvents::events)
            .max(50)
            .doc("Only events of these names: `user.created`, `user.*` for all of a noun. Empty: all."),
        field("after", &SubscribeEvents::after)
            .max(64)
            .doc("The id of an event: everything after it is delivered first, up to seven days old."));
}

}  // namespace nexpo::inline v1

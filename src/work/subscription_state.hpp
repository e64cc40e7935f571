// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <utility>

#include "nexpo/event.hpp"
#include "nexpo/operation.hpp"
#include "work/event_hub.hpp"

namespace nexpo::inline v1 {

/// What the copies of one subscription share.
struct SubscriptionState {
    std::shared_ptr<void> backend;  ///< Keeps everything alive that the feed uses; destroyed last.
    int generation;                 ///< Whose threads serve it.
    std::shared_ptr<work::OpenFeed> feed;
    std::stop_token stop{};
};

}  // namespace nexpo::inline v1

namespace nexpo::work {

/// What a call of `events.subscribe` has answered with.
inline std::shared_ptr<OpenFeed> opened_feed(AnyOutput const& output) {
    return std::static_pointer_cast<OpenFeed>(std::const_pointer_cast<void>(output));
}

}  // namespace nexpo::work

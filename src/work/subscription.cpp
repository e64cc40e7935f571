// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/process.hpp"
#include "operation/api_state.hpp"
#include "work/subscription_state.hpp"

namespace nexpo::inline v1 {

namespace {

Result<void> usable(SubscriptionState const& state) {
    if (base::process_generation() == state.generation) return {};
    return Error{Errc::failed_precondition, "forked", "a forked process must open its own backend"};
}

}  // namespace

Subscription::Subscription(std::shared_ptr<SubscriptionState> state) noexcept : state_(std::move(state)) {}

Result<std::optional<Event>> Subscription::try_next() const {
    if (auto ready = usable(*state_); !ready) return std::move(ready).error();
    auto pulled = (*state_->feed)->pull();
    if (!pulled) return std::move(pulled).error();
    if (!*pulled) return std::optional<Event>();
    return std::optional((*pulled)->event());
}

Result<std::optional<Event>> Subscription::next(std::chrono::milliseconds timeout) const {
    using Clock = std::chrono::steady_clock;
    // Longer than anybody waits, and short enough to be added to a time.
    auto const end = Clock::now() + std::clamp<std::chrono::milliseconds>(timeout, std::chrono::milliseconds::zero(),
                                                                          std::chrono::hours(24 * 365));
    while (true) {
        auto event = try_next();
        if (!event || *event || state_->stop.stop_requested()) return event;
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
        if (left <= std::chrono::milliseconds::zero()) return event;
        (*state_->feed)->wait(left, state_->stop);
    }
}

void Subscription::on_ready(std::function<void()> function) const {
    if (usable(*state_)) (*state_->feed)->on_ready(std::move(function));
}

void Subscription::close() const {
    if (usable(*state_)) state_->feed->close();
}

Events::Events(std::shared_ptr<ApiState const> state) noexcept : state_(std::move(state)) {}

Result<Subscription> Events::subscribe(SubscribeEvents const& input) const {
    auto outcome = state_->call("events.subscribe", [&input](StructType const&) -> Result<std::shared_ptr<void>> {
        return std::shared_ptr<void>(std::make_shared<SubscribeEvents>(input));
    });
    if (!outcome.result) return std::move(outcome.result).error();
    return Subscription(
        std::make_shared<SubscriptionState>(SubscriptionState{.backend = state_->backend,
                                                              .generation = state_->generation,
                                                              .feed = work::opened_feed(*outcome.result),
                                                              .stop = state_->options.stop}));
}

}  // namespace nexpo::inline v1

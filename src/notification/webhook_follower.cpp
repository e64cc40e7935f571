// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_follower.hpp"

#include "notification/webhook_delivery.hpp"
#include "notification/webhook_message.hpp"

namespace nexpo::notification {

namespace {

constexpr std::chrono::seconds kMaxAge{1};
/// So that no number of organizations fills the memory.
constexpr std::size_t kMaxKnown = 10'000;
/// Of those that change webhooks: what their own transaction sees may be rolled back.
constexpr std::string_view kOwnEvents = "webhook.";

}  // namespace

Result<bool> WebhookFollower::follow(Transaction const& tx, operation::WorkOrigin const& origin,
                                     std::string_view event_id, std::string_view event, operation::JobQueue& jobs) {
    auto const found = targets(tx, std::string(origin.organization_id), !event.starts_with(kOwnEvents));
    if (!found) return found.error();
    bool any = false;
    for (auto const& target : **found) {
        if (!webhook_wants(target.events, event)) continue;
        DeliverWebhook const delivery{
            .webhook_id = target.id, .event_id = std::string(event_id), .event = std::string(event)};
        auto options = delivery_options(target.id, target.ordered, concurrency_);
        options.run_at = origin.now;  // the call that emits the event does not wait for deliveries
        auto queued = jobs.enqueue(tx, origin, kDeliveryKind, struct_type<DeliverWebhook>(), &delivery, options);
        if (!queued) return std::move(queued).error();
        any = true;
    }
    return any;
}

Result<WebhookFollower::Targets> WebhookFollower::targets(Transaction const& tx, std::string const& organization_id,
                                                          bool remember) {
    auto const now = clock_->steady_now();
    std::uint64_t changes = 0;
    {
        std::lock_guard const lock(mutex_);
        auto const known = known_.find(organization_id);
        if (remember && known != known_.end() && now - known->second.looked_at < kMaxAge) return known->second.targets;
        changes = changes_;
    }
    auto found = WebhookStore(organization_id).targets(tx);
    if (!found) return std::move(found).error();
    auto targets = std::make_shared<std::vector<WebhookTarget> const>(std::move(*found));
    std::lock_guard const lock(mutex_);
    if (!remember || changes != changes_) return targets;
    if (known_.size() >= kMaxKnown) known_.clear();
    known_.insert_or_assign(organization_id, Known{now, targets});
    return targets;
}

void WebhookFollower::forget(std::string const& organization_id) {
    std::lock_guard const lock(mutex_);
    ++changes_;
    known_.erase(organization_id);
}

}  // namespace nexpo::notification

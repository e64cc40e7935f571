// SPDX-License-Identifier: Apache-2.0
#include "nexpo/webhook.hpp"
#include "operation/api_state.hpp"

namespace nexpo::inline v1 {

Webhooks::Webhooks(std::shared_ptr<ApiState const> state) noexcept : state_(std::move(state)) {}

Result<NewWebhook> Webhooks::create(CreateWebhook const& input) const {
    return state_->call<NewWebhook>("webhooks.create", input);
}

Result<Webhook> Webhooks::get(GetWebhook const& input) const {
    return state_->call<Webhook>("webhooks.get", input);
}

Result<Page<Webhook>> Webhooks::list(ListWebhooks const& input) const {
    return state_->call<Page<Webhook>>("webhooks.list", input);
}

Result<Webhook> Webhooks::update(UpdateWebhook const& input) const {
    return state_->call<Webhook>("webhooks.update", input);
}

Result<void> Webhooks::remove(RemoveWebhook const& input) const {
    auto removed = state_->call<Empty>("webhooks.remove", input);
    if (!removed) return std::move(removed).error();
    return {};
}

Result<Webhook> Webhooks::enable(EnableWebhook const& input) const {
    return state_->call<Webhook>("webhooks.enable", input);
}

Result<Webhook> Webhooks::disable(DisableWebhook const& input) const {
    return state_->call<Webhook>("webhooks.disable", input);
}

Result<NewWebhook> Webhooks::rotate(RotateWebhook const& input) const {
    return state_->call<NewWebhook>("webhooks.rotate", input);
}

Result<WebhookDelivery> Webhooks::test(TestWebhook const& input) const {
    return state_->call<WebhookDelivery>("webhooks.test", input);
}

Result<Page<WebhookDelivery>> Webhooks::deliveries(ListWebhookDeliveries const& input) const {
    return state_->call<Page<WebhookDelivery>>("webhooks.deliveries", input);
}

Result<ReplayedWebhook> Webhooks::replay(ReplayWebhook const& input) const {
    return state_->call<ReplayedWebhook>("webhooks.replay", input);
}

}  // namespace nexpo::inline v1

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "crypto/sealer.hpp"
#include "nexpo/operation.hpp"
#include "nexpo/random.hpp"
#include "nexpo/webhook.hpp"
#include "notification/webhook_follower.hpp"
#include "notification/webhook_rules.hpp"

namespace nexpo::notification {

/// What the rules of webhooks go by. The references outlive them.
struct WebhookServiceParts {
    crypto::Sealer sealer;
    WebhookRules rules;
    WebhookFollower& follower;
    Random& random;
    std::int64_t most;         ///< Webhooks of an organization.
    std::int64_t concurrency;  ///< Messages under way to one webhook.
};

/// The rules of webhooks. Thread-safe.
class WebhookService {
 public:
    explicit WebhookService(WebhookServiceParts parts) : parts_(std::move(parts)) {}

    /// Who is to look for jobs that were started anew; before any call.
    void connect(operation::JobQueue& jobs) noexcept { jobs_ = &jobs; }

    Reply<NewWebhook> create(Call& call, CreateWebhook const& input);
    Reply<Webhook> get(Call& call, GetWebhook const& input);
    Reply<Page<Webhook>> list(Call& call, ListWebhooks const& input);
    Reply<Webhook> update(Call& call, UpdateWebhook const& input);
    Reply<Empty> remove(Call& call, RemoveWebhook const& input);
    Reply<Webhook> enable(Call& call, EnableWebhook const& input);
    Reply<Webhook> disable(Call& call, DisableWebhook const& input);
    Reply<NewWebhook> rotate(Call& call, RotateWebhook const& input);
    Reply<WebhookDelivery> test(Call& call, TestWebhook const& input);
    Reply<Page<WebhookDelivery>> deliveries(Call& call, ListWebhookDeliveries const& input);
    Reply<ReplayedWebhook> replay(Call& call, ReplayWebhook const& input);

 private:
    Reply<Webhook> turn(Call& call, std::string const& id, bool on);
    Result<void> send_again(Call& call, Transaction& tx, Webhook const& webhook, Job const& job) const;
    /// What every change leaves behind.
    void changed(Call const& call, Transaction& tx, Webhook const& webhook, char const* event) const;
    void wake_after(Transaction& tx) const;

    WebhookServiceParts parts_;
    operation::JobQueue* jobs_ = nullptr;
};

/// Declares `webhooks.…`.
void add_operations(OperationTable& table, WebhookService& service);

}  // namespace nexpo::notification

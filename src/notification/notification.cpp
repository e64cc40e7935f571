// SPDX-License-Identifier: Apache-2.0
#include "notification/notification.hpp"

#include <chrono>
#include <utility>

#include "net/url.hpp"

namespace nexpo::notification {

namespace {

net::HttpClientOptions http_options(NotificationParts const& parts) {
    auto const& outbound = parts.config.outbound;
    return {.proxy = std::string(outbound.proxy.reveal()),
            .ca_file = outbound.ca_file,
            .allowed_networks = outbound.allowed_networks,
            .allowed_hosts = outbound.allowed_hosts,
            .clock = parts.clock,
            .random = parts.random};
}

}  // namespace

Result<std::unique_ptr<Notification>> Notification::make(NotificationParts const& parts) {
    auto const& outbound = parts.config.outbound;
    auto guard = net::AddressGuard::create(outbound.allowed_networks, outbound.allowed_hosts);
    if (!guard) return std::move(guard).error();
    if (!outbound.proxy.empty()) {
        if (auto proxy = net::parse_proxy(outbound.proxy.reveal()); !proxy) return std::move(proxy).error();
    }
    return std::unique_ptr<Notification>(new Notification(parts, std::move(*guard)));
}

Notification::Notification(NotificationParts const& parts, net::AddressGuard guard)
    : random_(parts.random),
      follower_(parts.clock, parts.config.notification.webhook_concurrency),
      deliverer_({.sealer = parts.sealer,
                  .clock = parts.clock,
                  .http = http_options(parts),
                  .timeout = std::chrono::seconds(parts.config.notification.webhook_timeout_seconds),
                  .follower = follower_}),
      webhooks_({.sealer = parts.sealer,
                 .rules = WebhookRules(parts.config.notification.allow_http, std::move(guard)),
                 .follower = follower_,
                 .random = *random_,
                 .most = parts.config.notification.webhooks_per_organization,
                 .concurrency = parts.config.notification.webhook_concurrency}) {}

}  // namespace nexpo::notification

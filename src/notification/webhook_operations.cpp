// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_delivery.hpp"
#include "notification/webhook_service.hpp"

namespace nexpo::notification {

namespace {

Reason const kNotFound{Errc::not_found, "webhook_not_found"};
Reason const kDisabled{Errc::failed_precondition, "webhook_disabled"};
Reason const kVersionMismatch{Errc::aborted, "version_mismatch"};
Reason const kCursorInvalid{Errc::invalid_argument, "cursor_invalid"};

OperationInfo query(std::string name, std::string summary, std::string rest) {
    return {.name = std::move(name),
            .summary = std::move(summary),
            .rest = std::move(rest),
            .permission = kManageWebhooks,
            .reasons = {kNotFound}};
}

OperationInfo mutation(std::string name, std::string summary, std::string rest, std::string emits) {
    return {.name = std::move(name),
            .summary = std::move(summary),
            .kind = OperationKind::mutation,
            .rest = std::move(rest),
            .permission = kManageWebhooks,
            .reasons = {kNotFound, kVersionMismatch},
            .emits = {event<WebhookEvent>(std::move(emits), kManageWebhooks)}};
}

OperationInfo with(OperationInfo info, std::string description) {
    info.description = std::move(description);
    return info;
}

void add_webhooks(OperationTable& table, WebhookService& service) {
    auto create = with(mutation("webhooks.create", "Have events posted to a URL", "POST /webhooks", "webhook.created"),
                       "The organization's events that fit `events` are posted from now on, signed by the Standard "
                       "Webhooks specification, at least once and in any order unless `ordered`. With the scheme `v1` "
                       "the secret is shown this once. Whoever has the permission can have every event sent anywhere.");
    create.location = "/webhooks/{id}";
    create.credentials = true;
    create.reasons = {{Errc::failed_precondition, "too_many_webhooks"}};
    table.add<CreateWebhook, NewWebhook>(
        {.info = std::move(create),
         .handler = [&](Call& call, CreateWebhook const& input) { return service.create(call, input); }});

    auto list = query("webhooks.list", "List the organization's webhooks in the order in which they were made",
                      "GET /webhooks");
    list.reasons = {kCursorInvalid};
    table.add<ListWebhooks, Page<Webhook>>(
        {.info = std::move(list),
         .handler = [&](Call& call, ListWebhooks const& input) { return service.list(call, input); }});
    table.add<GetWebhook, Webhook>(
        {.info = query("webhooks.get", "Get one webhook, without its secret", "GET /webhooks/{id}"),
         .handler = [&](Call& call, GetWebhook const& input) { return service.get(call, input); }});
    table.add<UpdateWebhook, Webhook>(
        {.info = mutation("webhooks.update", "Change a webhook", "PATCH /webhooks/{id}", "webhook.updated"),
         .handler = [&](Call& call, UpdateWebhook const& input) { return service.update(call, input); }});
    table.add<RemoveWebhook, Empty>(
        {.info = with(mutation("webhooks.remove", "Remove a webhook", "DELETE /webhooks/{id}", "webhook.removed"),
                      "What was not delivered yet is given up."),
         .handler = [&](Call& call, RemoveWebhook const& input) { return service.remove(call, input); }});
}

void add_switches(OperationTable& table, WebhookService& service) {
    table.add<EnableWebhook, Webhook>(
        {.info =
             with(mutation("webhooks.enable", "Switch a webhook on", "POST /webhooks/{id}/enable", "webhook.enabled"),
                  "Its failures are forgotten. What happened meanwhile is not delivered; what was given up can be "
                  "replayed."),
         .handler = [&](Call& call, EnableWebhook const& input) { return service.enable(call, input); }});
    table.add<DisableWebhook, Webhook>(
        {.info = with(
             mutation("webhooks.disable", "Switch a webhook off", "POST /webhooks/{id}/disable", "webhook.disabled"),
             "What was not delivered yet is given up."),
         .handler = [&](Call& call, DisableWebhook const& input) { return service.disable(call, input); }});

    auto rotate = with(
        mutation("webhooks.rotate", "Give a webhook a new secret", "POST /webhooks/{id}/rotate", "webhook.rotated"),
        "Or a new key pair. For `old_valid_seconds` messages carry both signatures, so that receivers "
        "can change over. At most two keys sign at a time.");
    rotate.credentials = true;
    rotate.reasons.push_back({Errc::failed_precondition, "rotation_under_way"});
    table.add<RotateWebhook, NewWebhook>(
        {.info = std::move(rotate),
         .handler = [&](Call& call, RotateWebhook const& input) { return service.rotate(call, input); }});
}

void add_deliveries(OperationTable& table, WebhookService& service) {
    table.add<TestWebhook, WebhookDelivery>(
        {.info = {.name = "webhooks.test",
                  .summary = "Send a webhook a message of the type webhook.test",
                  .description = "Whatever its filters. How it went is among the deliveries.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /webhooks/{id}/test",
                  .permission = kManageWebhooks,
                  .reasons = {kNotFound, kDisabled}},
         .handler = [&](Call& call, TestWebhook const& input) { return service.test(call, input); }});

    auto list = with(query("webhooks.deliveries", "List the deliveries to a webhook, the newest first",
                           "GET /webhooks/{id}/deliveries"),
                     "Those of the last three days, and for five days those that were given up.");
    list.reasons.push_back(kCursorInvalid);
    table.add<ListWebhookDeliveries, Page<WebhookDelivery>>(
        {.info = std::move(list),
         .handler = [&](Call& call, ListWebhookDeliveries const& input) { return service.deliveries(call, input); }});
    table.add<ReplayWebhook, ReplayedWebhook>(
        {.info = {.name = "webhooks.replay",
                  .summary = "Send messages to a webhook again",
                  .description = "The one in `delivery_id`, delivered or not, or all that were given up since a time, "
                                 "with all their attempts and the same `webhook-id`.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /webhooks/{id}/replay",
                  .permission = kManageWebhooks,
                  .reasons = {kNotFound,
                              kDisabled,
                              {Errc::not_found, "delivery_not_found"},
                              {Errc::failed_precondition, "delivery_under_way"}}},
         .handler = [&](Call& call, ReplayWebhook const& input) { return service.replay(call, input); }});
}

}  // namespace

void add_operations(OperationTable& table, WebhookService& service) {
    add_webhooks(table, service);
    add_switches(table, service);
    add_deliveries(table, service);
}

}  // namespace nexpo::notification

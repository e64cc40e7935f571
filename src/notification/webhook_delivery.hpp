// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nexpo/describe.hpp"
#include "nexpo/time.hpp"
#include "nexpo/work.hpp"

namespace nexpo::notification {

/// The kind of job that delivers one event to one webhook.
inline constexpr char const* kDeliveryKind = "webhook.deliver";
/// Not webhooks:read, which members have: URLs hold secrets at times, and deliveries tell of all that happens.
inline constexpr char const* kManageWebhooks = "webhooks:manage";
/// What `webhooks.test` sends.
inline constexpr char const* kTestEvent = "webhook.test";

/// Input of a delivery. It says where everything is and holds nothing of it: a payload may be large, and a job's input
/// is shown.
struct DeliverWebhook {
    std::string webhook_id{};
    std::string event_id{};
    std::string event{};
    std::optional<Timestamp> tested_at{};  ///< Of a test, whose event nobody else emitted.
};

inline StructType describe(Type<DeliverWebhook>) {
    return structure<DeliverWebhook>("DeliverWebhook", field("webhook_id", &DeliverWebhook::webhook_id),
                                     field("event_id", &DeliverWebhook::event_id),
                                     field("event", &DeliverWebhook::event),
                                     field("tested_at", &DeliverWebhook::tested_at));
}

/// Output of a delivery.
struct DeliveredWebhook {
    std::int64_t status = 0;  ///< What the webhook answered.
};

inline StructType describe(Type<DeliveredWebhook>) {
    return structure<DeliveredWebhook>("DeliveredWebhook", field("status", &DeliveredWebhook::status));
}

/// The concurrency key of all deliveries to a webhook.
inline std::string delivery_key(std::string_view webhook_id) {
    return std::string("webhook/").append(webhook_id);
}

/// How a delivery is queued.
inline JobOptions delivery_options(std::string_view webhook_id, bool ordered, std::int64_t concurrency) {
    return {.concurrency_key = delivery_key(webhook_id), .concurrency = ordered ? 1 : concurrency, .ordered = ordered};
}

}  // namespace nexpo::notification

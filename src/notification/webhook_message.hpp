// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "nexpo/json.hpp"
#include "nexpo/time.hpp"
#include "notification/webhook_secret.hpp"

namespace nexpo::notification {

/// The body of a message (Standard Webhooks, "Payload structure"): the same with every attempt.
std::string webhook_body(std::string_view event, Timestamp happened_at, Json const& data);

/// `webhook-id` for an event (Standard Webhooks, "Webhook metadata"): the same with every attempt and replay, and for
/// every webhook. It holds no dot, because dots separate what is signed.
std::string webhook_message_id(std::string_view event_id);

/// What makes an attempt one of its own: its time, and the signature over that.
struct WebhookHeaders {
    std::string timestamp{};  ///< Seconds since 1970.
    std::string signature{};  ///< An entry from each signer, with spaces between them.
};
WebhookHeaders sign_webhook(std::span<WebhookSigner const> signers, std::string_view message_id, Timestamp now,
                            std::string_view body);

/// Whether one of the names and beginnings in `filters` fits the event; none of them stands for all.
bool webhook_wants(std::span<std::string const> filters, std::string_view event);
/// `user.created`, or a beginning such as `user.*`.
bool is_webhook_filter(std::string_view text);

}  // namespace nexpo::notification

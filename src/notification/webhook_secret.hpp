// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "crypto/digest.hpp"
#include "crypto/signing_key.hpp"
#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/webhook.hpp"

namespace nexpo::notification {

/// The key of a webhook, as it is made.
struct WebhookKey {
    Secret kept{};                            ///< What signs; to be sealed before it is stored.
    std::optional<std::string> secret{};      ///< For the receiver, with `v1`: `whsec_…`.
    std::optional<std::string> public_key{};  ///< For the receiver, with `v1a`: `whpk_…`.
};

/// A fresh key. Errors: internal.
Result<WebhookKey> make_webhook_key(WebhookScheme scheme, Random& random);

/// Signs messages (Standard Webhooks, "Signature scheme"). Thread-safe; copies share the key.
class WebhookSigner {
 public:
    /// From what was kept of a key. Errors: data_loss (`webhook_secret_invalid`).
    static Result<WebhookSigner> open(WebhookScheme scheme, Secret const& kept);

    /// One entry of the header `webhook-signature`: `v1,…` or `v1a,…`, over `id.timestamp.body`.
    std::string sign(std::string_view content) const;

 private:
    explicit WebhookSigner(std::variant<crypto::HmacKey, crypto::SigningKey> key) : key_(std::move(key)) {}

    std::variant<crypto::HmacKey, crypto::SigningKey> key_;
};

}  // namespace nexpo::notification

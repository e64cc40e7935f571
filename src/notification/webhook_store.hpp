// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sealer.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/store.hpp"
#include "nexpo/webhook.hpp"

namespace nexpo::notification {

/// A webhook with its sealed keys.
struct StoredWebhook {
    Webhook webhook{};
    Bytes secret{};
    std::optional<Bytes> old_secret{};
};

/// What the emission of an event needs to know of a webhook.
struct WebhookTarget {
    std::string id{};
    std::vector<std::string> events{};
    bool ordered = false;
};

/// SQL over `webhooks`.
class WebhookStore {
 public:
    explicit WebhookStore(std::string organization_id) : organization_id_(std::move(organization_id)) {}

    Result<std::optional<Webhook>> find(Read const& read, std::string_view id) const;
    Result<std::optional<StoredWebhook>> find_with_secrets(Read const& read, std::string_view id) const;
    /// Webhooks after the one with id `after`, by id; at most `limit`.
    Result<std::vector<Webhook>> list(Read const& read, std::string_view after, std::int64_t limit) const;
    /// Those that are switched on.
    Result<std::vector<WebhookTarget>> targets(Read const& read) const;
    Result<std::int64_t> count(Read const& read) const;
    Result<void> insert(Transaction const& tx, Webhook const& webhook, Bytes const& secret) const;
    /// Everything but the keys.
    Result<void> save(Transaction const& tx, Webhook const& webhook) const;
    /// A new key; the one until now becomes the old one, or ends when the webhook says so.
    Result<void> rotate(Transaction const& tx, Webhook const& webhook, Bytes const& secret) const;
    Result<void> remove(Transaction const& tx, std::string_view id) const;

    /// Of all organizations: whether any key is sealed under a key that the sealer knows.
    static Result<bool> any_under(Read const& read, crypto::Sealer const& sealer);
    /// Of all organizations: seals keys anew that are not under the current key; answers how many.
    static Result<std::int64_t> reseal(Transaction const& tx, crypto::Sealer const& sealer);

 private:
    std::string organization_id_;
};

/// A webhook's key, sealed for its row only.
Bytes seal_webhook_key(crypto::Sealer const& sealer, std::string_view webhook_id, Secret const& key);
/// Errors: the sealer's.
Result<Secret> open_webhook_key(crypto::Sealer const& sealer, std::string_view webhook_id, Bytes const& sealed);

std::vector<Migration> const& migrations();

}  // namespace nexpo::notification

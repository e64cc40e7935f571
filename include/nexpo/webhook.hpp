// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Webhooks: events delivered to URLs of others, signed by the Standard Webhooks specification.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/page.hpp"
#include "nexpo/patch.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"
#include "nexpo/work.hpp"

namespace nexpo::inline v1 {

/// How messages are signed (https://www.standardwebhooks.com, "Signature scheme").
enum class WebhookScheme : std::uint8_t {
    v1,   ///< HMAC-SHA256 with a secret that both sides have (`whsec_…`).
    v1a,  ///< Ed25519: the receiver has the public key only (`whpk_…`).
};

/// The words of `WebhookScheme`.
constexpr std::array<std::string_view, 2> enum_names(WebhookScheme) {
    return {"v1", "v1a"};
}

/// Why nothing is delivered to a webhook.
enum class WebhookOff : std::uint8_t {
    by_hand,  ///< Somebody switched it off.
    gone,     ///< It answered 410.
    failing,  ///< Every attempt of five days failed.
};

/// The words of `WebhookOff`.
constexpr std::array<std::string_view, 3> enum_names(WebhookOff) {
    return {"by_hand", "gone", "failing"};
}

/// A URL to which the events of an organization are delivered.
struct Webhook {
    std::string id{};                                  ///< `whe_…`
    std::string organization_id{};                     ///< `org_…`
    std::string url{};                                 ///< Where messages are posted to.
    std::string description{};                         ///< What it is for.
    std::vector<std::string> events{};                 ///< `user.created`, or `user.*`; empty: all.
    bool ordered = false;                              ///< Messages come in the order of their events.
    WebhookScheme scheme = WebhookScheme::v1;          ///< How messages are signed.
    std::optional<std::string> public_key{};           ///< `whpk_…`, with `v1a`.
    bool enabled = true;                               ///< Whether anything is delivered.
    std::optional<WebhookOff> off{};                   ///< Why not.
    std::optional<Timestamp> off_at{};                 ///< Since when not.
    std::optional<std::string> failure{};              ///< Why the last attempt failed, if it did: a stable word.
    std::optional<Timestamp> failing_since{};          ///< Since when no attempt has succeeded.
    std::optional<Timestamp> old_secret_expires_at{};  ///< Until when messages carry the old signature, too.
    std::string created_by{};                          ///< `usr_…`, `key_…` or `system`.
    Timestamp created_at{};                            ///< When it was made.
    Timestamp updated_at{};                            ///< When the record last changed.
    std::int64_t version = 1;                          ///< The record's ETag.
};

/// Input of `webhooks.create`.
struct CreateWebhook {
    std::string url{};                         ///< Required; https, at most 2,048 characters, without a user's name.
    std::string description{};                 ///< One line of at most 200 characters.
    std::vector<std::string> events{};         ///< At most 100 names, or beginnings such as `user.*`; empty: all.
    bool ordered = false;                      ///< A message waits until those before it are delivered or given up.
    WebhookScheme scheme = WebhookScheme::v1;  ///< How messages are signed.
};

/// A webhook, as `Webhook` shows it, with its secret, which is shown this once.
struct NewWebhook {
    std::string id{};                                  ///< `whe_…`
    std::string organization_id{};                     ///< `org_…`
    std::string url{};                                 ///< Where messages are posted to.
    std::string description{};                         ///< What it is for.
    std::vector<std::string> events{};                 ///< `user.created`, or `user.*`; empty: all.
    bool ordered = false;                              ///< Messages come in the order of their events.
    WebhookScheme scheme = WebhookScheme::v1;          ///< How messages are signed.
    std::optional<std::string> public_key{};           ///< `whpk_…`, with `v1a`.
    bool enabled = true;                               ///< Whether anything is delivered.
    std::optional<Timestamp> old_secret_expires_at{};  ///< Until when messages carry the old signature, too.
    std::string created_by{};                          ///< `usr_…`, `key_…` or `system`.
    Timestamp created_at{};                            ///< When it was made.
    Timestamp updated_at{};                            ///< When the record last changed.
    std::int64_t version = 1;                          ///< The record's ETag.
    std::optional<std::string> secret{};               ///< `whsec_…`, with `v1`: what receivers verify with.
};

/// Input of `webhooks.get`.
struct GetWebhook {
    std::string id{};  ///< `whe_…`
};

/// Input of `webhooks.list`.
struct ListWebhooks {
    int limit = kDefaultPageLimit;        ///< 1 to 200.
    std::optional<std::string> cursor{};  ///< `next` of the page before.
};

/// Input of `webhooks.update`, a merge patch: absent fields stay as they are.
struct UpdateWebhook {
    std::string id{};                          ///< `whe_…`
    Patch<std::string> url{};                  ///< As for `CreateWebhook`; not null.
    Patch<std::string> description{};          ///< Null empties it.
    Patch<std::vector<std::string>> events{};  ///< Null: all.
    Patch<bool> ordered{};                     ///< Holds for events from now on; null: false.
};

/// Input of `webhooks.remove`.
struct RemoveWebhook {
    std::string id{};  ///< `whe_…`
};

/// Input of `webhooks.enable`.
struct EnableWebhook {
    std::string id{};  ///< `whe_…`
};

/// Input of `webhooks.disable`.
struct DisableWebhook {
    std::string id{};  ///< `whe_…`
};

/// Input of `webhooks.rotate`.
struct RotateWebhook {
    std::string id{};                         ///< `whe_…`
    std::int64_t old_valid_seconds = 86'400;  ///< How long both signatures are sent, 0 to 2,592,000.
};

/// Input of `webhooks.test`.
struct TestWebhook {
    std::string id{};  ///< `whe_…`
};

/// A message to one webhook. It is a background job of the kind `webhook.deliver`.
struct WebhookDelivery {
    std::string id{};                            ///< `job_…`
    std::string webhook_id{};                    ///< `whe_…`
    std::string message_id{};                    ///< `msg_…`, the header `webhook-id`: the same with every attempt.
    std::string event{};                         ///< Its type, for example `user.created`.
    JobState state = JobState::ready;            ///< Where it stands.
    std::int64_t attempt = 0;                    ///< Attempts so far.
    std::int64_t max_attempts = 0;               ///< Attempts that it has.
    std::optional<std::int64_t> status{};        ///< What the last attempt was answered over HTTP.
    std::optional<std::string> cause{};          ///< Why the last attempt failed: a stable word.
    std::optional<std::string> cause_message{};  ///< The same for people.
    Timestamp created_at{};                      ///< When it was queued.
    std::optional<Timestamp> last_attempt_at{};  ///< When its last attempt began.
    std::optional<Timestamp> next_attempt_at{};  ///< When its next attempt is due.
    std::optional<Timestamp> finished_at{};      ///< When it was delivered or given up.
};

/// Input of `webhooks.deliveries`.
struct ListWebhookDeliveries {
    std::string id{};                     ///< `whe_…`
    int limit = kDefaultPageLimit;        ///< 1 to 200.
    std::optional<std::string> cursor{};  ///< `next` of the page before.
    std::optional<JobState> state{};      ///< Only deliveries in this state.
};

/// Input of `webhooks.replay`.
struct ReplayWebhook {
    std::string id{};                          ///< `whe_…`
    std::optional<std::string> delivery_id{};  ///< `job_…`: this one, delivered or not; absent: those given up.
    std::optional<Timestamp> since{};          ///< Only those given up at this time or later.
    std::int64_t limit = 1'000;                ///< At most so many, the oldest first; 1 to 10,000.
};

/// Output of `webhooks.replay`.
struct ReplayedWebhook {
    std::int64_t count = 0;  ///< How many messages are sent again.
};

/// Payload of `webhook.created`, `webhook.updated`, `webhook.removed`, `webhook.rotated`, `webhook.enabled` and
/// `webhook.disabled`.
struct WebhookEvent {
    std::string webhook_id{};              ///< `whe_…`
    std::string description{};             ///< What it is for.
    std::optional<WebhookOff> off{};       ///< Why it is switched off, if it is.
    std::optional<std::string> failure{};  ///< Why the last attempt failed, if it did.
};

NEXPO_API StructType describe(Type<Webhook>);                ///< Description.
NEXPO_API StructType describe(Type<CreateWebhook>);          ///< Description.
NEXPO_API StructType describe(Type<NewWebhook>);             ///< Description.
NEXPO_API StructType describe(Type<GetWebhook>);             ///< Description.
NEXPO_API StructType describe(Type<ListWebhooks>);           ///< Description.
NEXPO_API StructType describe(Type<UpdateWebhook>);          ///< Description.
NEXPO_API StructType describe(Type<RemoveWebhook>);          ///< Description.
NEXPO_API StructType describe(Type<EnableWebhook>);          ///< Description.
NEXPO_API StructType describe(Type<DisableWebhook>);         ///< Description.
NEXPO_API StructType describe(Type<RotateWebhook>);          ///< Description.
NEXPO_API StructType describe(Type<TestWebhook>);            ///< Description.
NEXPO_API StructType describe(Type<WebhookDelivery>);        ///< Description.
NEXPO_API StructType describe(Type<ListWebhookDeliveries>);  ///< Description.
NEXPO_API StructType describe(Type<ReplayWebhook>);          ///< Description.
NEXPO_API StructType describe(Type<ReplayedWebhook>);        ///< Description.
NEXPO_API StructType describe(Type<WebhookEvent>);           ///< Description.

/// The webhooks of the caller's organization: every event of the organization that fits is posted to their URLs, at
/// least once. Takes the permission `webhooks:manage`; whoever has it can have all events sent anywhere. Cheap to copy
/// and safe to share between threads. Every method also fails with: unauthenticated, permission_denied,
/// invalid_argument (`validation_failed`), resource_exhausted, deadline_exceeded, cancelled, unavailable, and
/// unimplemented (`operation_unknown`) where the library was built without its HTTP client.
class NEXPO_API Webhooks {
 public:
    /// Makes a webhook. Errors: failed_precondition (`too_many_webhooks`), invalid_argument (`validation_failed`; rules
    /// of `/url`: `url`, `https`, `address`; of `/events/…`: `format`).
    Result<NewWebhook> create(CreateWebhook const& input) const;
    /// One webhook. Errors: not_found (`webhook_not_found`).
    Result<Webhook> get(GetWebhook const& input) const;
    /// Webhooks in the order in which they were made. Errors: invalid_argument (`cursor_invalid`).
    Result<Page<Webhook>> list(ListWebhooks const& input) const;
    /// Changes a webhook. Errors: not_found (`webhook_not_found`), aborted (`version_mismatch`).
    Result<Webhook> update(UpdateWebhook const& input) const;
    /// Removes a webhook; what was not delivered yet is given up. Errors: not_found (`webhook_not_found`).
    Result<void> remove(RemoveWebhook const& input) const;
    /// Delivers to it from now on, and forgets its failures. What happened meanwhile is not delivered by itself.
    /// Errors: not_found (`webhook_not_found`).
    Result<Webhook> enable(EnableWebhook const& input) const;
    /// Delivers nothing to it any more; what was not delivered yet is given up. Errors: not_found
    /// (`webhook_not_found`).
    Result<Webhook> disable(DisableWebhook const& input) const;
    /// Makes a new secret or key pair; messages are signed with the old one, too, for the time given. Errors: not_found
    /// (`webhook_not_found`), failed_precondition (`rotation_under_way`).
    Result<NewWebhook> rotate(RotateWebhook const& input) const;
    /// Sends a message of the type `webhook.test`, whatever the webhook's filters. Errors: not_found
    /// (`webhook_not_found`), failed_precondition (`webhook_disabled`).
    Result<WebhookDelivery> test(TestWebhook const& input) const;
    /// Deliveries to a webhook, the newest first: those of the last three days, and those given up within five.
    /// Errors: not_found (`webhook_not_found`), invalid_argument (`cursor_invalid`).
    Result<Page<WebhookDelivery>> deliveries(ListWebhookDeliveries const& input) const;
    /// Sends messages again under their ids. Errors: not_found (`webhook_not_found`, `delivery_not_found`),
    /// failed_precondition (`webhook_disabled`, `delivery_under_way`).
    Result<ReplayedWebhook> replay(ReplayWebhook const& input) const;

    /// Made by `Api::webhooks`.
    explicit Webhooks(std::shared_ptr<ApiState const> state) noexcept;

 private:
    std::shared_ptr<ApiState const> state_;
};

}  // namespace nexpo::inline v1

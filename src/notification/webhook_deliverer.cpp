// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_deliverer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "net/http_date.hpp"
#include "notification/webhook_message.hpp"
#include "operation/outbox.hpp"

namespace nexpo::notification {

namespace {

using namespace std::chrono_literals;

/// Standard Webhooks, "Deliverability and reliability", and Svix's defaults: a day and a little.
constexpr std::array<std::chrono::seconds, 7> kDelays{5s, 5min, 30min, 2h, 5h, 10h, 10h};
/// Not so long that the event is forgotten before a replay of the delivery.
constexpr std::chrono::hours kKeepDead{24 * 5};
constexpr std::chrono::hours kKeep{24 * 3};
static_assert(kKeepDead + 48h <= operation::kOutboxAge);
constexpr std::chrono::hours kMaxFailing{24 * 5};
/// However much patience a webhook asks for.
constexpr std::chrono::milliseconds kMaxRetryAfter = 24h;
/// Answers are not looked at; pages that say "thank you" fit.
constexpr std::size_t kMaxResponse = 256U << 10;
constexpr std::size_t kMaxSigners = 10'000;
constexpr int kGone = 410;

bool is_success(int status) {
    return status >= 200 && status < 300;
}

/// Nothing of the webhook's: it was not asked, or the fault is ours.
bool is_our_affair(Error const& error) {
    constexpr std::array<std::string_view, 4> kReasons{"cancelled", "closed", "client_busy", "circuit_open"};
    return error.code == Errc::internal || std::ranges::find(kReasons, error.reason) != kReasons.end();
}

/// Standard Webhooks, "Delivery success and failure": only 2xx is a success, and redirects are not followed.
Error status_error(net::HttpResponse const& response, Timestamp now) {
    auto const status = std::to_string(response.status);
    Error error{response.status == kGone ? Errc::failed_precondition : Errc::unavailable, "http_" + status,
                "the webhook answered " + status};
    constexpr std::array kOverloaded{429, 502, 503, 504};
    if (std::ranges::find(kOverloaded, response.status) == kOverloaded.end()) return error;
    auto const* header = net::find_header(response.headers, "Retry-After");
    auto const asked = header == nullptr ? std::nullopt : net::parse_retry_after(*header, now);
    if (asked) error.retry_after = std::min(*asked, kMaxRetryAfter);
    return error;
}

AnyReply refused(Error error) {
    return Result<AnyOutput>(std::move(error));
}

Result<AnyOutput> delivered(int status) {
    return AnyOutput(std::make_shared<DeliveredWebhook const>(DeliveredWebhook{status}));
}

}  // namespace

AnyJob WebhookDeliverer::job() {
    return {.kind = {.name = kDeliveryKind,
                     .summary = "Delivers an event to a webhook",
                     .max_attempts = static_cast<std::int64_t>(kDelays.size()) + 1,
                     .delays = {kDelays.begin(), kDelays.end()},
                     .time_limit = 60s,
                     .keep = kKeep,
                     .keep_dead = kKeepDead,
                     .emits = {event<WebhookEvent>("webhook.disabled", kManageWebhooks)}},
            .input = &struct_type<DeliverWebhook>(),
            .output = &struct_type<DeliveredWebhook>(),
            .begin = [this](JobRun& run, void const* input, Done done) {
                begin(run, *static_cast<DeliverWebhook const*>(input), std::move(done));
            }};
}

void WebhookDeliverer::begin(JobRun& run, DeliverWebhook const& input, Done done) {
    auto const http = client();
    if (!http) return done(refused(http.error()));
    auto prepared = prepare(run, input);
    if (!prepared) return done(refused(std::move(prepared).error()));
    (*http)->send(std::move(prepared->request),
                  [this, &run, webhook = std::move(prepared->webhook), done = std::move(done)](
                      Result<net::HttpResponse> const& outcome) { done(conclude(run, webhook, outcome)); });
}

Result<WebhookDeliverer::Prepared> WebhookDeliverer::prepare(JobRun& run, DeliverWebhook const& input) {
    std::optional<StoredWebhook> stored;
    std::optional<operation::OutboxEvent> event;
    if (input.tested_at) {
        Json data(Json::Object{{"webhook_id", input.webhook_id}});
        event =
            operation::OutboxEvent{.event = input.event, .payload = std::move(data), .created_at = *input.tested_at};
    }
    auto const looked = run.read([&](Read& read) -> Result<void> {
        auto webhook = WebhookStore(run.organization_id()).find_with_secrets(read, input.webhook_id);
        if (!webhook) return std::move(webhook).error();
        stored = std::move(*webhook);
        if (event || !stored) return {};
        auto found = operation::find_outbox_event(read, run.organization_id(), input.event_id);
        if (!found) return std::move(found).error();
        event = std::move(*found);
        return {};
    });
    if (!looked) return looked.error();
    if (!stored) return Error{Errc::not_found, "webhook_not_found", "the webhook was removed"};
    if (!stored->webhook.enabled) {
        return Error{Errc::failed_precondition, "webhook_disabled", "the webhook is switched off"};
    }
    if (!event) return Error{Errc::not_found, "event_gone", "the event is not kept any more"};

    auto const now = parts_.clock->now();
    auto const signers = signers_of(*stored);
    if (!signers) return signers.error();
    std::span<WebhookSigner const> signing = (*signers)->signers;
    bool const both = stored->webhook.old_secret_expires_at && *stored->webhook.old_secret_expires_at > now;
    if (!both) signing = signing.first(1);
    auto const id = webhook_message_id(input.event_id);
    auto body = webhook_body(event->event, event->created_at, event->payload);
    auto headers = sign_webhook(signing, id, now, body);
    net::HttpRequest request{.method = "POST",
                             .url = stored->webhook.url,
                             .headers = {{"Content-Type", "application/json"},
                                         {"webhook-id", id},
                                         {"webhook-timestamp", std::move(headers.timestamp)},
                                         {"webhook-signature", std::move(headers.signature)}},
                             .body = std::move(body),
                             .timeout = parts_.timeout,
                             .max_response_bytes = kMaxResponse,
                             .repeatable = true,  // by its id, should a kept connection turn out to be dead
                             .retry = net::RetryPolicy{.max_attempts = 1},
                             .stop = run.stop_token()};
    return Prepared{.webhook = std::move(stored->webhook), .request = std::move(request)};
}

Result<WebhookDeliverer::SignersPointer> WebhookDeliverer::signers_of(StoredWebhook const& stored) {
    {
        std::lock_guard const lock(mutex_);
        auto const known = signers_.find(stored.webhook.id);
        if (known != signers_.end() && known->second->secret == stored.secret &&
            known->second->old_secret == stored.old_secret) {
            return known->second;
        }
    }
    auto opened = open_signers(stored);
    if (!opened) return opened;
    std::lock_guard const lock(mutex_);
    if (signers_.size() >= kMaxSigners) signers_.clear();
    signers_.insert_or_assign(stored.webhook.id, *opened);
    return opened;
}

Result<WebhookDeliverer::SignersPointer> WebhookDeliverer::open_signers(StoredWebhook const& stored) const {
    auto signers = std::make_shared<Signers>(Signers{.secret = stored.secret, .old_secret = stored.old_secret});
    for (auto const* sealed : {&stored.secret, stored.old_secret ? &*stored.old_secret : nullptr}) {
        if (sealed == nullptr) continue;
        auto const key = open_webhook_key(parts_.sealer, stored.webhook.id, *sealed);
        if (!key) return key.error();
        auto signer = WebhookSigner::open(stored.webhook.scheme, *key);
        if (!signer) return std::move(signer).error();
        signers->signers.push_back(std::move(*signer));
    }
    return SignersPointer(std::move(signers));
}

Result<std::shared_ptr<net::HttpClient>> WebhookDeliverer::client() {
    std::lock_guard const lock(mutex_);
    if (client_) return client_;
    auto made = net::HttpClient::create(parts_.http);
    if (!made) return std::move(made).error();
    client_ = std::move(*made);
    return client_;
}

void WebhookDeliverer::close() {
    std::lock_guard const lock(mutex_);
    if (client_) client_->close();
}

AnyReply WebhookDeliverer::conclude(JobRun& run, Webhook const& webhook,
                                    Result<net::HttpResponse> const& outcome) const {
    if (!outcome) return failed(run, webhook, outcome.error(), false);
    if (is_success(outcome->status)) return succeeded(run, webhook, outcome->status);
    return failed(run, webhook, status_error(*outcome, parts_.clock->now()), outcome->status == kGone);
}

/// Writes to the webhook's row only when that changes anything: most deliveries succeed after others that did.
AnyReply WebhookDeliverer::succeeded(JobRun& run, Webhook const& webhook, int status) const {
    if (!webhook.failing_since) return delivered(status);
    return AnyWrite([&run, id = webhook.id, status](Transaction& tx) -> Result<AnyOutput> {
        WebhookStore const webhooks(run.organization_id());
        auto found = webhooks.find(tx, id);
        if (!found) return std::move(found).error();
        if (*found && (*found)->failing_since) {
            auto& webhook_now = **found;
            webhook_now.failing_since.reset();
            webhook_now.failure.reset();
            webhook_now.updated_at = run.now();
            webhook_now.version += 1;
            if (auto saved = webhooks.save(tx, webhook_now); !saved) return std::move(saved).error();
        }
        return delivered(status);
    });
}

AnyReply WebhookDeliverer::failed(JobRun& run, Webhook const& webhook, Error const& error, bool gone) const {
    if (is_our_affair(error)) return refused(error);
    auto const now = parts_.clock->now();
    auto const too_long = [now](Webhook const& of) {
        return of.failing_since && now - *of.failing_since >= kMaxFailing;
    };
    bool const is_known = webhook.failing_since && webhook.failure == error.reason && !gone && !too_long(webhook);
    if (is_known) return refused(error);
    return AnyWrite([this, &run, id = webhook.id, error, gone, now, too_long](Transaction& tx) -> Result<AnyOutput> {
        WebhookStore const webhooks(run.organization_id());
        auto found = webhooks.find(tx, id);
        if (!found) return std::move(found).error();
        if (!*found || !(*found)->enabled) return error;
        auto& webhook_now = **found;
        webhook_now.failure = error.reason;
        if (!webhook_now.failing_since) webhook_now.failing_since = now;
        webhook_now.updated_at = now;
        webhook_now.version += 1;
        if (gone || too_long(webhook_now)) {
            webhook_now.enabled = false;
            webhook_now.off = gone ? WebhookOff::gone : WebhookOff::failing;
            webhook_now.off_at = now;
            tx.emit("webhook.disabled", WebhookEvent{.webhook_id = id,
                                                     .description = webhook_now.description,
                                                     .off = webhook_now.off,
                                                     .failure = webhook_now.failure});
            tx.after_commit([this, organization = run.organization_id()] { parts_.follower.forget(organization); });
        }
        if (auto saved = webhooks.save(tx, webhook_now); !saved) return std::move(saved).error();
        return tx.refuse(error);
    });
}

}  // namespace nexpo::notification

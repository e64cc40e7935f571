// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_service.hpp"

#include <charconv>
#include <chrono>
#include <utility>

#include "describe/codec.hpp"
#include "notification/webhook_delivery.hpp"
#include "notification/webhook_message.hpp"
#include "notification/webhook_secret.hpp"
#include "notification/webhook_store.hpp"
#include "work/job_rows.hpp"

namespace nexpo::notification {

namespace {

WebhookStore webhooks_of(Call const& call) {
    return WebhookStore(call.organization_id());
}

Result<Webhook> require_webhook(Read const& read, WebhookStore const& webhooks, std::string_view id) {
    auto found = webhooks.find(read, id);
    if (!found) return std::move(found).error();
    if (!*found) return Error{Errc::not_found, "webhook_not_found", "there is no such webhook"};
    return std::move(**found);
}

Result<Webhook> require_enabled(Read const& read, WebhookStore const& webhooks, std::string_view id) {
    auto webhook = require_webhook(read, webhooks, id);
    if (webhook && !webhook->enabled) {
        return Error{Errc::failed_precondition, "webhook_disabled", "the webhook is switched off"};
    }
    return webhook;
}

NewWebhook with_secret(Webhook webhook, std::optional<std::string> secret) {
    return {.id = std::move(webhook.id),
            .organization_id = std::move(webhook.organization_id),
            .url = std::move(webhook.url),
            .description = std::move(webhook.description),
            .events = std::move(webhook.events),
            .ordered = webhook.ordered,
            .scheme = webhook.scheme,
            .public_key = std::move(webhook.public_key),
            .enabled = webhook.enabled,
            .old_secret_expires_at = webhook.old_secret_expires_at,
            .created_by = std::move(webhook.created_by),
            .created_at = webhook.created_at,
            .updated_at = webhook.updated_at,
            .version = webhook.version,
            .secret = std::move(secret)};
}

std::string creator_of(Caller const& caller) {
    if (caller.kind == CallerKind::account) return caller.user_id;
    return caller.kind == CallerKind::api_key ? caller.api_key_id : "system";
}

std::string text_of(Json const& json, std::string_view name) {
    auto const* member = json.find(name);
    return member == nullptr || member->if_string() == nullptr ? std::string() : *member->if_string();
}

/// What the last attempt was answered: kept in the result of one that succeeded, else in the cause.
std::optional<std::int64_t> status_of(Job const& job) {
    constexpr std::string_view kPrefix = "http_";
    if (job.cause && job.cause->starts_with(kPrefix)) {
        std::int64_t status = 0;
        auto const digits = std::string_view(*job.cause).substr(kPrefix.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), status);
        return status;
    }
    auto const* status = job.state == JobState::succeeded && job.result ? job.result->find("status") : nullptr;
    if (status == nullptr || status->if_integer() == nullptr) return std::nullopt;
    return *status->if_integer();
}

WebhookDelivery to_delivery(Job const& job) {
    return {.id = job.id,
            .webhook_id = text_of(job.payload, "webhook_id"),
            .message_id = webhook_message_id(text_of(job.payload, "event_id")),
            .event = text_of(job.payload, "event"),
            .state = job.state,
            .attempt = job.attempt,
            .max_attempts = job.max_attempts,
            .status = status_of(job),
            .cause = job.cause,
            .cause_message = job.cause_message,
            .created_at = job.created_at,
            .last_attempt_at = job.started_at,
            .next_attempt_at = job.state == JobState::scheduled ? std::optional(job.run_at) : std::nullopt,
            .finished_at = job.finished_at};
}

Result<Job> require_delivery(Read const& read, work::JobRows const& jobs, std::string_view webhook_id,
                             std::string_view id) {
    auto found = jobs.find(read, id);
    if (!found) return std::move(found).error();
    bool const fits =
        *found && (*found)->kind == kDeliveryKind && (*found)->concurrency_key == delivery_key(webhook_id);
    if (!fits) return Error{Errc::not_found, "delivery_not_found", "there is no such delivery to this webhook"};
    return std::move(**found);
}

}  // namespace

Reply<NewWebhook> WebhookService::create(Call& call, CreateWebhook const& input) {
    auto violations = WebhookRules::check_events(input.events);
    if (auto url = parts_.rules.check_url(input.url)) violations.push_back(std::move(*url));
    if (!violations.empty()) return describe::validation_error(std::move(violations));
    auto key = make_webhook_key(input.scheme, parts_.random);
    if (!key) return std::move(key).error();
    Webhook const webhook{.id = call.new_id("whe"),
                          .organization_id = call.organization_id(),
                          .url = input.url,
                          .description = input.description,
                          .events = input.events,
                          .ordered = input.ordered,
                          .scheme = input.scheme,
                          .public_key = key->public_key,
                          .created_by = creator_of(call.caller()),
                          .created_at = call.now(),
                          .updated_at = call.now()};
    auto sealed = seal_webhook_key(parts_.sealer, webhook.id, key->kept);
    return call.write([this, &call, webhook, sealed, secret = key->secret](Transaction& tx) -> Result<NewWebhook> {
        auto const webhooks = webhooks_of(call);
        auto const count = webhooks.count(tx);
        if (!count) return count.error();
        if (*count >= parts_.most) {
            return Error{Errc::failed_precondition, "too_many_webhooks",
                         "the organization has " + std::to_string(*count) + " webhooks; remove those that nobody uses"};
        }
        if (auto stored = webhooks.insert(tx, webhook, sealed); !stored) return std::move(stored).error();
        changed(call, tx, webhook, "webhook.created");
        return with_secret(webhook, secret);
    });
}

Reply<Webhook> WebhookService::get(Call& call, GetWebhook const& input) {
    return call.read([&](Read& read) { return require_webhook(read, webhooks_of(call), input.id); });
}

Reply<Page<Webhook>> WebhookService::list(Call& call, ListWebhooks const& input) {
    std::string after;
    if (input.cursor) {
        auto opened = call.open_cursor(*input.cursor, {});
        if (!opened) return std::move(opened).error();
        after = std::move(*opened);
    }
    auto rows = call.read([&](Read& read) { return webhooks_of(call).list(read, after, input.limit + 1); });
    if (!rows) return std::move(rows).error();
    Page<Webhook> page{.items = std::move(*rows)};
    if (static_cast<int>(page.items.size()) > input.limit) {
        page.items.pop_back();
        page.next = call.make_cursor(page.items.back().id, {});
    }
    return page;
}

Reply<Webhook> WebhookService::update(Call& call, UpdateWebhook const& input) {
    std::vector<Violation> violations;
    if (input.events.has_value()) violations = WebhookRules::check_events(*input.events);
    if (input.url.is_null()) violations.push_back({"/url", "required", "must not be null"});
    if (input.url.has_value()) {
        if (auto url = parts_.rules.check_url(*input.url)) violations.push_back(std::move(*url));
    }
    if (!violations.empty()) return describe::validation_error(std::move(violations));
    return call.write([this, &call, &input](Transaction& tx) -> Result<Webhook> {
        auto const webhooks = webhooks_of(call);
        auto found = require_webhook(tx, webhooks, input.id);
        if (!found) return found;
        auto webhook = std::move(*found);
        if (auto expected = call.expect_version(webhook.version); !expected) return std::move(expected).error();
        if (input.url.has_value()) webhook.url = *input.url;
        if (input.description.is_present()) {
            webhook.description = input.description.has_value() ? *input.description : std::string();
        }
        if (input.events.is_present()) {
            webhook.events = input.events.has_value() ? *input.events : std::vector<std::string>();
        }
        if (input.ordered.is_present()) webhook.ordered = input.ordered.has_value() && *input.ordered;
        webhook.updated_at = call.now();
        webhook.version += 1;
        if (auto saved = webhooks.save(tx, webhook); !saved) return std::move(saved).error();
        changed(call, tx, webhook, "webhook.updated");
        return webhook;
    });
}

Reply<Empty> WebhookService::remove(Call& call, RemoveWebhook const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<Empty> {
        auto const webhooks = webhooks_of(call);
        auto const webhook = require_webhook(tx, webhooks, input.id);
        if (!webhook) return webhook.error();
        if (auto expected = call.expect_version(webhook->version); !expected) return std::move(expected).error();
        if (auto removed = webhooks.remove(tx, webhook->id); !removed) return std::move(removed).error();
        changed(call, tx, *webhook, "webhook.removed");
        return Empty{};
    });
}

Reply<Webhook> WebhookService::enable(Call& call, EnableWebhook const& input) {
    return turn(call, input.id, true);
}

Reply<Webhook> WebhookService::disable(Call& call, DisableWebhook const& input) {
    return turn(call, input.id, false);
}

Reply<Webhook> WebhookService::turn(Call& call, std::string const& id, bool on) {
    return call.write([this, &call, id, on](Transaction& tx) -> Result<Webhook> {
        auto const webhooks = webhooks_of(call);
        auto found = require_webhook(tx, webhooks, id);
        if (!found) return found;
        auto webhook = std::move(*found);
        if (auto expected = call.expect_version(webhook.version); !expected) return std::move(expected).error();
        tx.audit_target(webhook.id);
        if (webhook.enabled == on) return webhook;
        webhook.enabled = on;
        webhook.off = on ? std::nullopt : std::optional(WebhookOff::by_hand);
        webhook.off_at = on ? std::nullopt : std::optional(call.now());
        if (on) {
            webhook.failure.reset();
            webhook.failing_since.reset();
        }
        webhook.updated_at = call.now();
        webhook.version += 1;
        if (auto saved = webhooks.save(tx, webhook); !saved) return std::move(saved).error();
        changed(call, tx, webhook, on ? "webhook.enabled" : "webhook.disabled");
        return webhook;
    });
}

Reply<NewWebhook> WebhookService::rotate(Call& call, RotateWebhook const& input) {
    // Its scheme never changes, so that the key can be made before the write.
    auto const known = call.read([&](Read& read) { return require_webhook(read, webhooks_of(call), input.id); });
    if (!known) return known.error();
    auto key = make_webhook_key(known->scheme, parts_.random);
    if (!key) return std::move(key).error();
    auto sealed = seal_webhook_key(parts_.sealer, input.id, key->kept);
    return call.write([this, &call, &input, sealed, secret = key->secret,
                       public_key = key->public_key](Transaction& tx) -> Result<NewWebhook> {
        auto const webhooks = webhooks_of(call);
        auto found = require_webhook(tx, webhooks, input.id);
        if (!found) return std::move(found).error();
        auto webhook = std::move(*found);
        if (auto expected = call.expect_version(webhook.version); !expected) return std::move(expected).error();
        bool const two_sign = webhook.old_secret_expires_at && *webhook.old_secret_expires_at > call.now();
        if (two_sign && input.old_valid_seconds > 0) {
            return Error{Errc::failed_precondition, "rotation_under_way",
                         "two keys sign at the moment; with old_valid_seconds = 0 both end at once"};
        }
        webhook.public_key = public_key;
        webhook.old_secret_expires_at = input.old_valid_seconds > 0
                                            ? std::optional(call.now() + std::chrono::seconds(input.old_valid_seconds))
                                            : std::nullopt;
        webhook.updated_at = call.now();
        webhook.version += 1;
        if (auto stored = webhooks.rotate(tx, webhook, sealed); !stored) return std::move(stored).error();
        changed(call, tx, webhook, "webhook.rotated");
        return with_secret(webhook, secret);
    });
}

Reply<WebhookDelivery> WebhookService::test(Call& call, TestWebhook const& input) {
    DeliverWebhook const delivery{
        .webhook_id = input.id, .event_id = call.new_id("evt"), .event = kTestEvent, .tested_at = call.now()};
    return call.write([this, &call, delivery](Transaction& tx) -> Result<WebhookDelivery> {
        auto const webhook = require_enabled(tx, webhooks_of(call), delivery.webhook_id);
        if (!webhook) return webhook.error();
        auto const id =
            tx.enqueue(kDeliveryKind, delivery, delivery_options(webhook->id, webhook->ordered, parts_.concurrency));
        if (!id) return id.error();
        tx.audit_target(webhook->id);
        auto const job = require_delivery(tx, work::JobRows(call.organization_id()), webhook->id, *id);
        if (!job) return job.error();
        return to_delivery(*job);
    });
}

Reply<Page<WebhookDelivery>> WebhookService::deliveries(Call& call, ListWebhookDeliveries const& input) {
    auto const filter = input.id + "\n" + (input.state ? std::string(to_word(*input.state)) : std::string());
    std::string before;
    if (input.cursor) {
        auto opened = call.open_cursor(*input.cursor, filter);
        if (!opened) return std::move(opened).error();
        before = std::move(*opened);
    }
    auto jobs = call.read([&](Read& read) -> Result<std::vector<Job>> {
        auto const webhook = require_webhook(read, webhooks_of(call), input.id);
        if (!webhook) return webhook.error();
        return work::JobRows(call.organization_id())
            .list_with_key(read, delivery_key(webhook->id), before, input.state, input.limit + 1);
    });
    if (!jobs) return std::move(jobs).error();
    Page<WebhookDelivery> page;
    for (auto const& job : *jobs) page.items.push_back(to_delivery(job));
    if (static_cast<int>(page.items.size()) > input.limit) {
        page.items.pop_back();
        page.next = call.make_cursor(page.items.back().id, filter);
    }
    return page;
}

Reply<ReplayedWebhook> WebhookService::replay(Call& call, ReplayWebhook const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<ReplayedWebhook> {
        auto const webhook = require_enabled(tx, webhooks_of(call), input.id);
        if (!webhook) return webhook.error();
        tx.audit_target(webhook->id);
        wake_after(tx);
        work::JobRows const jobs(call.organization_id());
        if (input.delivery_id) {
            auto const job = require_delivery(tx, jobs, webhook->id, *input.delivery_id);
            if (!job) return job.error();
            if (auto sent = send_again(call, tx, *webhook, *job); !sent) return std::move(sent).error();
            return ReplayedWebhook{1};
        }
        auto const dead =
            jobs.dead_with_key(tx, delivery_key(webhook->id), input.since.value_or(min_timestamp()), input.limit);
        if (!dead) return dead.error();
        for (auto const& job : *dead) {
            if (auto sent = send_again(call, tx, *webhook, job); !sent) return std::move(sent).error();
        }
        return ReplayedWebhook{static_cast<std::int64_t>(dead->size())};
    });
}

Result<void> WebhookService::send_again(Call& call, Transaction& tx, Webhook const& webhook, Job const& job) const {
    work::JobRows const jobs(call.organization_id());
    switch (job.state) {
        case JobState::scheduled:
            return jobs.run_now(tx, job, call.now());
        case JobState::dead:
        case JobState::cancelled: {
            auto const started = jobs.start_anew(tx, job, call.now());
            return started ? Result<void>() : Result<void>(started.error());
        }
        case JobState::succeeded: {
            DeliverWebhook delivery;
            auto const read = from_json(struct_type<DeliverWebhook>(), &delivery, job.payload);
            if (!read) return read.error();
            auto const id =
                tx.enqueue(kDeliveryKind, delivery, delivery_options(webhook.id, webhook.ordered, parts_.concurrency));
            return id ? Result<void>() : Result<void>(id.error());
        }
        default:
            return Error{Errc::failed_precondition, "delivery_under_way", "the delivery is about to be made"};
    }
}

void WebhookService::changed(Call const& call, Transaction& tx, Webhook const& webhook, char const* event) const {
    tx.after_commit([this, organization = call.organization_id()] { parts_.follower.forget(organization); });
    tx.audit_target(webhook.id);
    tx.emit(event, WebhookEvent{.webhook_id = webhook.id,
                                .description = webhook.description,
                                .off = webhook.off,
                                .failure = webhook.failure});
}

void WebhookService::wake_after(Transaction& tx) const {
    tx.after_commit([this] { jobs_->wake(); });
}

}  // namespace nexpo::notification

// SPDX-License-Identifier: Apache-2.0
#include "nexpo/webhook.hpp"

namespace nexpo::inline v1 {

namespace {

constexpr char const* kUrl = "Where messages are posted to.";
constexpr char const* kDescription = "What it is for.";
constexpr char const* kEvents = "Names of events, or beginnings such as `user.*`; empty: all.";
constexpr char const* kOrdered = "Messages come in the order of their events; one that fails holds up the others.";
constexpr char const* kScheme = "How messages are signed: `v1` with a shared secret, `v1a` with a key pair (Ed25519).";
constexpr char const* kPublicKey = "`whpk_…`, with `v1a`.";
constexpr char const* kOldSecret = "Until when messages carry the signature of before the rotation, too.";
constexpr char const* kCreatedBy = "A user, an API key, or `system`.";
constexpr std::int64_t kMaxUrl = 2'048;
constexpr std::int64_t kMaxEvents = 100;

}  // namespace

StructType describe(Type<Webhook>) {
    return structure<Webhook>(
        "Webhook", field("id", &Webhook::id).id("whe"), field("organization_id", &Webhook::organization_id).id("org"),
        field("url", &Webhook::url).doc(kUrl), field("description", &Webhook::description).doc(kDescription),
        field("events", &Webhook::events).doc(kEvents), field("ordered", &Webhook::ordered).doc(kOrdered),
        field("scheme", &Webhook::scheme).doc(kScheme), field("public_key", &Webhook::public_key).doc(kPublicKey),
        field("enabled", &Webhook::enabled).doc("Whether anything is delivered."),
        field("off", &Webhook::off)
            .doc("Why nothing is delivered: it was switched off by hand, it answered 410, or every attempt of five "
                 "days failed."),
        field("off_at", &Webhook::off_at).doc("Since when nothing is delivered."),
        field("failure", &Webhook::failure).doc("Why the last attempt failed, if it did: a stable word."),
        field("failing_since", &Webhook::failing_since).doc("Since when no attempt has succeeded."),
        field("old_secret_expires_at", &Webhook::old_secret_expires_at).doc(kOldSecret),
        field("created_by", &Webhook::created_by).doc(kCreatedBy), field("created_at", &Webhook::created_at),
        field("updated_at", &Webhook::updated_at), field("version", &Webhook::version).doc("The record's ETag."));
}

StructType describe(Type<CreateWebhook>) {
    return structure<CreateWebhook>(
        "CreateWebhook",
        field("url", &CreateWebhook::url)
            .required()
            .max(kMaxUrl)
            .doc("https, of the public Internet, without a user's name or password."),
        field("description", &CreateWebhook::description).max(200).format(Format::line).doc(kDescription),
        field("events", &CreateWebhook::events).max(kMaxEvents).doc(kEvents),
        field("ordered", &CreateWebhook::ordered).doc(kOrdered), field("scheme", &CreateWebhook::scheme).doc(kScheme));
}

StructType describe(Type<NewWebhook>) {
    return structure<NewWebhook>(
        "NewWebhook", field("id", &NewWebhook::id).id("whe"),
        field("organization_id", &NewWebhook::organization_id).id("org"), field("url", &NewWebhook::url).doc(kUrl),
        field("description", &NewWebhook::description).doc(kDescription),
        field("events", &NewWebhook::events).doc(kEvents), field("ordered", &NewWebhook::ordered).doc(kOrdered),
        field("scheme", &NewWebhook::scheme).doc(kScheme), field("public_key", &NewWebhook::public_key).doc(kPublicKey),
        field("enabled", &NewWebhook::enabled).doc("Whether anything is delivered."),
        field("old_secret_expires_at", &NewWebhook::old_secret_expires_at).doc(kOldSecret),
        field("created_by", &NewWebhook::created_by).doc(kCreatedBy), field("created_at", &NewWebhook::created_at),
        field("updated_at", &NewWebhook::updated_at), field("version", &NewWebhook::version).doc("The record's ETag."),
        field("secret", &NewWebhook::secret)
            .secret()
            .doc("`whsec_…`, with `v1`: what receivers verify with. Shown this once."));
}

StructType describe(Type<GetWebhook>) {
    return structure<GetWebhook>("GetWebhook", field("id", &GetWebhook::id).required().max(64));
}

StructType describe(Type<ListWebhooks>) {
    return structure<ListWebhooks>("ListWebhooks", field("limit", &ListWebhooks::limit).min(1).max(kMaxPageLimit),
                                   field("cursor", &ListWebhooks::cursor).max(1024).doc("`next` of the page before."));
}

StructType describe(Type<UpdateWebhook>) {
    return structure<UpdateWebhook>(
        "UpdateWebhook", field("id", &UpdateWebhook::id).required().max(64),
        field("url", &UpdateWebhook::url).max(kMaxUrl).doc("As for a new one; not null."),
        field("description", &UpdateWebhook::description).max(200).format(Format::line).doc("Null empties it."),
        field("events", &UpdateWebhook::events).max(kMaxEvents).doc("Null: all."),
        field("ordered", &UpdateWebhook::ordered).doc("Holds for events from now on."));
}

StructType describe(Type<RemoveWebhook>) {
    return structure<RemoveWebhook>("RemoveWebhook", field("id", &RemoveWebhook::id).required().max(64));
}

StructType describe(Type<EnableWebhook>) {
    return structure<EnableWebhook>("EnableWebhook", field("id", &EnableWebhook::id).required().max(64));
}

StructType describe(Type<DisableWebhook>) {
    return structure<DisableWebhook>("DisableWebhook", field("id", &DisableWebhook::id).required().max(64));
}

StructType describe(Type<RotateWebhook>) {
    return structure<RotateWebhook>("RotateWebhook", field("id", &RotateWebhook::id).required().max(64),
                                    field("old_valid_seconds", &RotateWebhook::old_valid_seconds)
                                        .min(0)
                                        .max(2'592'000)
                                        .doc("How long messages carry the old signature, too."));
}

StructType describe(Type<TestWebhook>) {
    return structure<TestWebhook>("TestWebhook", field("id", &TestWebhook::id).required().max(64));
}

StructType describe(Type<WebhookDelivery>) {
    return structure<WebhookDelivery>(
        "WebhookDelivery", field("id", &WebhookDelivery::id).id("job"),
        field("webhook_id", &WebhookDelivery::webhook_id).id("whe"),
        field("message_id", &WebhookDelivery::message_id)
            .doc("The header `webhook-id`: the same with every attempt and replay."),
        field("event", &WebhookDelivery::event).doc("The type of the message."),
        field("state", &WebhookDelivery::state).doc("Where it stands."),
        field("attempt", &WebhookDelivery::attempt).doc("Attempts so far."),
        field("max_attempts", &WebhookDelivery::max_attempts).doc("Attempts that it has."),
        field("status", &WebhookDelivery::status).doc("What the last attempt was answered over HTTP."),
        field("cause", &WebhookDelivery::cause).doc("Why the last attempt failed: a stable word."),
        field("cause_message", &WebhookDelivery::cause_message).doc("The same for people."),
        field("created_at", &WebhookDelivery::created_at).doc("When it was queued."),
        field("last_attempt_at", &WebhookDelivery::last_attempt_at).doc("When its last attempt began."),
        field("next_attempt_at", &WebhookDelivery::next_attempt_at).doc("When its next attempt is due."),
        field("finished_at", &WebhookDelivery::finished_at).doc("When it was delivered or given up."));
}

StructType describe(Type<ListWebhookDeliveries>) {
    return structure<ListWebhookDeliveries>(
        "ListWebhookDeliveries", field("id", &ListWebhookDeliveries::id).required().max(64),
        field("limit", &ListWebhookDeliveries::limit).min(1).max(kMaxPageLimit),
        field("cursor", &ListWebhookDeliveries::cursor).max(1024).doc("`next` of the page before."),
        field("state", &ListWebhookDeliveries::state).doc("Only deliveries in this state."));
}

StructType describe(Type<ReplayWebhook>) {
    return structure<ReplayWebhook>(
        "ReplayWebhook", field("id", &ReplayWebhook::id).required().max(64),
        field("delivery_id", &ReplayWebhook::delivery_id)
            .max(64)
            .doc("This one, whether it was delivered or not; absent: those that were given up."),
        field("since", &ReplayWebhook::since).doc("Only those given up at this time or later."),
        field("limit", &ReplayWebhook::limit).min(1).max(10'000).doc("At most so many, the oldest first."));
}

StructType describe(Type<ReplayedWebhook>) {
    return structure<ReplayedWebhook>("ReplayedWebhook",
                                      field("count", &ReplayedWebhook::count).doc("How many messages are sent again."));
}

StructType describe(Type<WebhookEvent>) {
    return structure<WebhookEvent>("WebhookEvent", field("webhook_id", &WebhookEvent::webhook_id).id("whe"),
                                   field("description", &WebhookEvent::description).doc(kDescription),
                                   field("off", &WebhookEvent::off).doc("Why it is switched off, if it is."),
                                   field("failure", &WebhookEvent::failure).doc("Why the last attempt failed."));
}

}  // namespace nexpo::inline v1

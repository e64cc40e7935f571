// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_store.hpp"

#include <algorithm>

namespace nexpo::notification {

namespace {

/// A webhook as it stands in its row: names of events are separated by spaces.
struct WebhookRow {
    std::string id{};
    std::string organization_id{};
    std::string url{};
    std::string description{};
    std::string events{};
    bool ordered = false;
    WebhookScheme scheme = WebhookScheme::v1;
    Bytes secret{};
    std::optional<Bytes> old_secret{};
    std::optional<Timestamp> old_secret_expires_at{};
    std::optional<std::string> public_key{};
    bool enabled = true;
    std::optional<WebhookOff> off{};
    std::optional<Timestamp> off_at{};
    std::optional<std::string> failure{};
    std::optional<Timestamp> failing_since{};
    std::string created_by{};
    Timestamp created_at{};
    Timestamp updated_at{};
    std::int64_t version = 1;
};

StructType describe(Type<WebhookRow>) {
    return structure<WebhookRow>(
        "WebhookRow", field("id", &WebhookRow::id), field("organization_id", &WebhookRow::organization_id),
        field("url", &WebhookRow::url), field("description", &WebhookRow::description),
        field("events", &WebhookRow::events), field("ordered", &WebhookRow::ordered),
        field("scheme", &WebhookRow::scheme), field("secret", &WebhookRow::secret),
        field("old_secret", &WebhookRow::old_secret),
        field("old_secret_expires_at", &WebhookRow::old_secret_expires_at),
        field("public_key", &WebhookRow::public_key), field("enabled", &WebhookRow::enabled),
        field("off", &WebhookRow::off), field("off_at", &WebhookRow::off_at), field("failure", &WebhookRow::failure),
        field("failing_since", &WebhookRow::failing_since), field("created_by", &WebhookRow::created_by),
        field("created_at", &WebhookRow::created_at), field("updated_at", &WebhookRow::updated_at),
        field("version", &WebhookRow::version));
}

struct TargetRow {
    std::string id{};
    std::string events{};
    bool ordered = false;
};

StructType describe(Type<TargetRow>) {
    return structure<TargetRow>("TargetRow", field("id", &TargetRow::id), field("events", &TargetRow::events),
                                field("ordered", &TargetRow::ordered));
}

struct KeyRow {
    std::string id{};
    Bytes secret{};
    std::optional<Bytes> old_secret{};
};

StructType describe(Type<KeyRow>) {
    return structure<KeyRow>("KeyRow", field("id", &KeyRow::id), field("secret", &KeyRow::secret),
                             field("old_secret", &KeyRow::old_secret));
}

std::string join(std::vector<std::string> const& events) {
    std::string text;
    for (auto const& event : events) text.append(text.empty() ? "" : " ").append(event);
    return text;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> events;
    while (!text.empty()) {
        auto const end = text.find(' ');
        events.emplace_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return events;
}

Webhook to_webhook(WebhookRow& row) {
    return {.id = std::move(row.id),
            .organization_id = std::move(row.organization_id),
            .url = std::move(row.url),
            .description = std::move(row.description),
            .events = split(row.events),
            .ordered = row.ordered,
            .scheme = row.scheme,
            .public_key = std::move(row.public_key),
            .enabled = row.enabled,
            .off = row.off,
            .off_at = row.off_at,
            .failure = std::move(row.failure),
            .failing_since = row.failing_since,
            .old_secret_expires_at = row.old_secret_expires_at,
            .created_by = std::move(row.created_by),
            .created_at = row.created_at,
            .updated_at = row.updated_at,
            .version = row.version};
}

Result<void> expect_one_row(Result<std::int64_t> changed) {
    if (!changed) return std::move(changed).error();
    if (*changed != 1) return Error{Errc::internal, "row_missing", "a webhook's row is missing"};
    return {};
}

// Each ends where its conditions begin.
#define NEXPO_WEBHOOK_COLUMNS                                                                                   \
    "SELECT id, organization_id, url, description, events, ordered, scheme, secret, old_secret, "               \
    "old_secret_expires_at, public_key, enabled, off, off_at, failure, failing_since, created_by, created_at, " \
    "updated_at, version FROM webhooks "

constexpr std::string_view kFind = NEXPO_WEBHOOK_COLUMNS "WHERE id = $1 AND organization_id = $2";

constexpr std::string_view kList = NEXPO_WEBHOOK_COLUMNS "WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3";

#undef NEXPO_WEBHOOK_COLUMNS

constexpr std::string_view kTargets =
    "SELECT id, events, ordered FROM webhooks WHERE organization_id = $1 AND enabled = $2 ORDER BY id";

constexpr std::string_view kInsert =
    "INSERT INTO webhooks (id, organization_id, url, description, events, ordered, scheme, secret, public_key, enabled,"
    " created_by, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
    "$14)";

constexpr std::string_view kSave =
    "UPDATE webhooks SET url = $3, description = $4, events = $5, ordered = $6, enabled = $7, off = $8, off_at = $9,"
    " failure = $10, failing_since = $11, updated_at = $12, version = $13 WHERE id = $1 AND organization_id = $2";

constexpr std::string_view kRotateAndKeep =
    "UPDATE webhooks SET old_secret = secret, old_secret_expires_at = $3, secret = $4, public_key = $5,"
    " updated_at = $6, version = $7 WHERE id = $1 AND organization_id = $2";

constexpr std::string_view kRotate =
    "UPDATE webhooks SET old_secret = NULL, old_secret_expires_at = NULL, secret = $3, public_key = $4,"
    " updated_at = $5, version = $6 WHERE id = $1 AND organization_id = $2";

std::string bound_to(std::string_view id) {
    return "webhooks\n" + std::string(id);
}

std::string_view text_of(Bytes const& bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

Result<Bytes> sealed_anew(crypto::Sealer const& sealer, std::string_view id, Bytes const& sealed) {
    auto const opened = open_webhook_key(sealer, id, sealed);
    if (!opened) return opened.error();
    return seal_webhook_key(sealer, id, *opened);
}

}  // namespace

Bytes seal_webhook_key(crypto::Sealer const& sealer, std::string_view webhook_id, Secret const& key) {
    auto const text = sealer.seal(key.reveal(), bound_to(webhook_id));
    return {text.begin(), text.end()};
}

Result<Secret> open_webhook_key(crypto::Sealer const& sealer, std::string_view webhook_id, Bytes const& sealed) {
    return sealer.open(text_of(sealed), bound_to(webhook_id));
}

Result<std::optional<Webhook>> WebhookStore::find(Read const& read, std::string_view id) const {
    auto row = read.one<WebhookRow>(kFind, {id, organization_id_});
    if (!row) return std::move(row).error();
    if (!*row) return std::optional<Webhook>();
    return std::optional(to_webhook(**row));
}

Result<std::optional<StoredWebhook>> WebhookStore::find_with_secrets(Read const& read, std::string_view id) const {
    auto row = read.one<WebhookRow>(kFind, {id, organization_id_});
    if (!row) return std::move(row).error();
    if (!*row) return std::optional<StoredWebhook>();
    auto webhook = to_webhook(**row);
    return std::optional(StoredWebhook{.webhook = std::move(webhook),
                                       .secret = std::move((*row)->secret),
                                       .old_secret = std::move((*row)->old_secret)});
}

Result<std::vector<Webhook>> WebhookStore::list(Read const& read, std::string_view after, std::int64_t limit) const {
    auto rows = read.all<WebhookRow>(kList, {organization_id_, after, limit});
    if (!rows) return std::move(rows).error();
    std::vector<Webhook> webhooks;
    webhooks.reserve(rows->size());
    for (auto& row : *rows) webhooks.push_back(to_webhook(row));
    return webhooks;
}

Result<std::vector<WebhookTarget>> WebhookStore::targets(Read const& read) const {
    auto rows = read.all<TargetRow>(kTargets, {organization_id_, true});
    if (!rows) return std::move(rows).error();
    std::vector<WebhookTarget> targets;
    targets.reserve(rows->size());
    for (auto& row : *rows) {
        targets.push_back({.id = std::move(row.id), .events = split(row.events), .ordered = row.ordered});
    }
    return targets;
}

Result<std::int64_t> WebhookStore::count(Read const& read) const {
    auto counted =
        read.one<std::int64_t>("SELECT count(*) FROM webhooks WHERE organization_id = $1", {organization_id_});
    if (!counted) return std::move(counted).error();
    return counted->value_or(0);
}

Result<void> WebhookStore::insert(Transaction const& tx, Webhook const& webhook, Bytes const& secret) const {
    return expect_one_row(
        tx.execute(kInsert, {webhook.id, organization_id_, webhook.url, webhook.description, join(webhook.events),
                             webhook.ordered, webhook.scheme, secret, webhook.public_key, webhook.enabled,
                             webhook.created_by, webhook.created_at, webhook.updated_at, webhook.version}));
}

Result<void> WebhookStore::save(Transaction const& tx, Webhook const& webhook) const {
    return expect_one_row(
        tx.execute(kSave, {webhook.id, organization_id_, webhook.url, webhook.description, join(webhook.events),
                           webhook.ordered, webhook.enabled, webhook.off, webhook.off_at, webhook.failure,
                           webhook.failing_since, webhook.updated_at, webhook.version}));
}

Result<void> WebhookStore::rotate(Transaction const& tx, Webhook const& webhook, Bytes const& secret) const {
    if (!webhook.old_secret_expires_at) {
        return expect_one_row(tx.execute(
            kRotate, {webhook.id, organization_id_, secret, webhook.public_key, webhook.updated_at, webhook.version}));
    }
    return expect_one_row(
        tx.execute(kRotateAndKeep, {webhook.id, organization_id_, *webhook.old_secret_expires_at, secret,
                                    webhook.public_key, webhook.updated_at, webhook.version}));
}

Result<void> WebhookStore::remove(Transaction const& tx, std::string_view id) const {
    return expect_one_row(
        tx.execute("DELETE FROM webhooks WHERE id = $1 AND organization_id = $2", {id, organization_id_}));
}

Result<bool> WebhookStore::any_under(Read const& read, crypto::Sealer const& sealer) {
    auto const keys = read.all<Bytes>("SELECT secret FROM webhooks", {});
    if (!keys) return keys.error();
    return std::ranges::any_of(*keys, [&](Bytes const& key) { return sealer.knows(text_of(key)); });
}

Result<std::int64_t> WebhookStore::reseal(Transaction const& tx, crypto::Sealer const& sealer) {
    auto const rows = tx.all<KeyRow>("SELECT id, secret, old_secret FROM webhooks", {});
    if (!rows) return rows.error();
    std::int64_t count = 0;
    for (auto const& row : *rows) {
        bool const old_is_current = !row.old_secret || sealer.is_current(text_of(*row.old_secret));
        if (sealer.is_current(text_of(row.secret)) && old_is_current) continue;
        auto const secret = sealed_anew(sealer, row.id, row.secret);
        if (!secret) return secret.error();
        std::optional<Bytes> old_secret;
        if (row.old_secret) {
            auto sealed = sealed_anew(sealer, row.id, *row.old_secret);
            if (!sealed) return std::move(sealed).error();
            old_secret = std::move(*sealed);
        }
        auto stored = expect_one_row(tx.execute("UPDATE webhooks SET secret = $2, old_secret = $3 WHERE id = $1",
                                                {row.id, *secret, old_secret}));
        if (!stored) return std::move(stored).error();
        ++count;
    }
    return count;
}

}  // namespace nexpo::notification

// SPDX-License-Identifier: Apache-2.0
#include "auth/api_key_store.hpp"

#include "store/scope_change.hpp"

namespace nexpo::auth {

namespace {

/// A key as it stands in its row: scopes are separated by spaces (RFC 6749 section 3.3).
struct ApiKeyRow {
    std::string id{};
    std::string organization_id{};
    std::string name{};
    std::string scopes{};
    std::string hint{};
    std::string created_by{};
    Timestamp created_at{};
    std::optional<Timestamp> expires_at{};
    std::optional<Timestamp> last_used_at{};
    std::optional<Timestamp> old_secret_expires_at{};
    std::int64_t version = 1;
};

StructType describe(Type<ApiKeyRow>) {
    return structure<ApiKeyRow>(
        "ApiKeyRow", field("id", &ApiKeyRow::id), field("organization_id", &ApiKeyRow::organization_id),
        field("name", &ApiKeyRow::name), field("scopes", &ApiKeyRow::scopes), field("hint", &ApiKeyRow::hint),
        field("created_by", &ApiKeyRow::created_by), field("created_at", &ApiKeyRow::created_at),
        field("expires_at", &ApiKeyRow::expires_at), field("last_used_at", &ApiKeyRow::last_used_at),
        field("old_secret_expires_at", &ApiKeyRow::old_secret_expires_at), field("version", &ApiKeyRow::version));
}

std::string join(std::vector<std::string> const& scopes) {
    std::string text;
    for (auto const& scope : scopes) text.append(text.empty() ? "" : " ").append(scope);
    return text;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> scopes;
    while (!text.empty()) {
        auto const end = text.find(' ');
        scopes.emplace_back(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return scopes;
}

ApiKey to_key(ApiKeyRow row) {
    return {.id = std::move(row.id),
            .organization_id = std::move(row.organization_id),
            .name = std::move(row.name),
            .scopes = split(row.scopes),
            .hint = std::move(row.hint),
            .created_by = std::move(row.created_by),
            .created_at = row.created_at,
            .expires_at = row.expires_at,
            .last_used_at = row.last_used_at,
            .old_secret_expires_at = row.old_secret_expires_at,
            .version = row.version};
}

Result<std::optional<ApiKey>> to_key(Result<std::optional<ApiKeyRow>> row) {
    if (!row) return std::move(row).error();
    if (!*row) return std::optional<ApiKey>();
    return std::optional(to_key(std::move(**row)));
}

Result<void> expect_one_row(Result<std::int64_t> changed) {
    if (!changed) return std::move(changed).error();
    if (*changed != 1) return Error{Errc::internal, "row_missing", "an API key's row is missing"};
    return {};
}

constexpr std::string_view kFind =
    "SELECT id, organization_id, name, scopes, hint, created_by, created_at, expires_at, last_used_at,"
    " old_secret_expires_at, version FROM auth_api_keys WHERE id = $1 AND organization_id = $2";

constexpr std::string_view kList =
    "SELECT id, organization_id, name, scopes, hint, created_by, created_at, expires_at, last_used_at,"
    " old_secret_expires_at, version FROM auth_api_keys WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3";

constexpr std::string_view kFindBySecret =
    "SELECT id, organization_id, name, scopes, hint, created_by, created_at, expires_at, last_used_at,"
    " old_secret_expires_at, version FROM auth_api_keys"
    " WHERE secret_hash = $1 OR (old_secret_hash = $1 AND old_secret_expires_at > $2)";

constexpr std::string_view kInsert =
    "INSERT INTO auth_api_keys (id, organization_id, name, scopes, hint, secret_hash, created_by, created_at,"
    " expires_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

constexpr std::string_view kRotateAndKeep =
    "UPDATE auth_api_keys SET old_secret_hash = secret_hash, old_secret_expires_at = $3, secret_hash = $4, hint = $5,"
    " version = $6 WHERE id = $1 AND organization_id = $2";

constexpr std::string_view kRotate =
    "UPDATE auth_api_keys SET old_secret_hash = NULL, old_secret_expires_at = NULL, secret_hash = $3, hint = $4,"
    " version = $5 WHERE id = $1 AND organization_id = $2";

}  // namespace

Result<std::optional<ApiKey>> ApiKeyStore::find(Read const& read, std::string_view id) const {
    return to_key(read.one<ApiKeyRow>(kFind, {id, scope_.organization_id()}));
}

Result<std::vector<ApiKey>> ApiKeyStore::list(Read const& read, std::string_view after, std::int64_t limit) const {
    auto rows = read.all<ApiKeyRow>(kList, {scope_.organization_id(), after, limit});
    if (!rows) return std::move(rows).error();
    std::vector<ApiKey> keys;
    for (auto& row : *rows) keys.push_back(to_key(std::move(row)));
    return keys;
}

Result<std::int64_t> ApiKeyStore::count(Read const& read) const {
    auto counted = read.one<std::int64_t>("SELECT count(*) FROM auth_api_keys WHERE organization_id = $1",
                                          {scope_.organization_id()});
    if (!counted) return std::move(counted).error();
    return counted->value_or(0);
}

Result<void> ApiKeyStore::insert(Transaction const& tx, ApiKey const& key, std::string_view secret_hash) const {
    return expect_one_row(
        tx.execute(kInsert, {key.id, scope_.organization_id(), key.name, join(key.scopes), key.hint, secret_hash,
                             key.created_by, key.created_at, key.expires_at, key.version}));
}

Result<void> ApiKeyStore::rotate(Transaction const& tx, ApiKey const& key, std::string_view secret_hash) const {
    if (!key.old_secret_expires_at) {
        return expect_one_row(
            tx.execute(kRotate, {key.id, scope_.organization_id(), secret_hash, key.hint, key.version}));
    }
    return expect_one_row(tx.execute(kRotateAndKeep, {key.id, scope_.organization_id(), *key.old_secret_expires_at,
                                                      secret_hash, key.hint, key.version}));
}

Result<void> ApiKeyStore::remove(Transaction const& tx, std::string_view id) const {
    return expect_one_row(
        tx.execute("DELETE FROM auth_api_keys WHERE id = $1 AND organization_id = $2", {id, scope_.organization_id()}));
}

Result<std::optional<ApiKey>> ApiKeyStore::find_by_secret(Read const& read, std::string_view secret_hash,
                                                          Timestamp now) {
    store::ScopeChange const across(read, store::Scope::installation());
    return to_key(read.one<ApiKeyRow>(kFindBySecret, {secret_hash, now}));
}

Result<void> ApiKeyStore::mark_used(Transaction const& tx, std::string_view id, Timestamp now) {
    store::ScopeChange const across(tx, store::Scope::installation());
    // It may have been removed in the meantime.
    auto marked = tx.execute("UPDATE auth_api_keys SET last_used_at = $2 WHERE id = $1", {id, now});
    if (!marked) return std::move(marked).error();
    return {};
}

}  // namespace nexpo::auth

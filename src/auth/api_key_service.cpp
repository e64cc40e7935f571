// SPDX-License-Identifier: Apache-2.0
#include "auth/api_key_service.hpp"

#include <algorithm>

#include "auth/api_key_secret.hpp"
#include "auth/api_key_store.hpp"
#include "operation/call_state.hpp"
#include "operation/permissions.hpp"

namespace nexpo::auth {

namespace {

/// So that a program that makes keys and never removes them fills no database.
constexpr std::int64_t kMaxKeys = 1'000;

ApiKeyStore keys_of(Call const& call) {
    return ApiKeyStore(store::Scope::organization(call.organization_id()));
}

ApiKeyEvent event_of(ApiKey const& key) {
    return {.api_key_id = key.id, .name = key.name};
}

NewApiKey with_secret(ApiKey key, std::string secret) {
    return {.id = std::move(key.id),
            .organization_id = std::move(key.organization_id),
            .name = std::move(key.name),
            .scopes = std::move(key.scopes),
            .hint = std::move(key.hint),
            .created_by = std::move(key.created_by),
            .created_at = key.created_at,
            .expires_at = key.expires_at,
            .last_used_at = key.last_used_at,
            .old_secret_expires_at = key.old_secret_expires_at,
            .version = key.version,
            .secret = std::move(secret)};
}

std::string hint_of(std::string_view secret) {
    return std::string(secret.substr(secret.size() - 4));
}

/// No key makes keys.
std::string creator_of(Caller const& caller) {
    return caller.kind == CallerKind::account ? caller.user_id : "system";
}

bool is_word(std::string_view text) {
    return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == text.npos;
}

Violation unknown_scope(std::string pointer, operation::Permissions const& permissions, std::string_view scope) {
    std::string message("nothing asks for this permission");
    if (auto const meant = permissions.suggest(scope)) message.append("; did you mean ").append(*meant).append("?");
    return {std::move(pointer), "scope_unknown", std::move(message)};
}

/// Well-formed, none twice, and each of some use.
Result<void> check_scopes(operation::Permissions const& permissions, std::vector<std::string> const& scopes) {
    Error error{Errc::invalid_argument, "validation_failed", "the input is not valid"};
    for (std::size_t i = 0; i < scopes.size(); ++i) {
        std::string_view const scope = scopes[i];
        auto const colon = scope.find(':');
        bool const formed = colon != scope.npos && is_word(scope.substr(0, colon)) && is_word(scope.substr(colon + 1));
        auto const pointer = "/scopes/" + std::to_string(i);
        if (!formed || scope.size() > 100) {
            error.violations.push_back({pointer, "format", "must be a permission such as users:read"});
        } else if (std::find(scopes.begin(), scopes.begin() + static_cast<std::ptrdiff_t>(i), scope) !=
                   scopes.begin() + static_cast<std::ptrdiff_t>(i)) {
            error.violations.push_back({pointer, "unique", "must not be there twice"});
        } else if (!operation::keys_may_hold(scope)) {
            error.violations.push_back({pointer, "scope_not_grantable", "no API key can have this permission"});
        } else if (!permissions.knows(scope)) {
            error.violations.push_back(unknown_scope(pointer, permissions, scope));
        }
    }
    if (error.violations.empty()) return {};
    return error;
}

/// Nobody gets through a key what he may not do himself.
Result<void> require_scopes(Call const& call, std::vector<std::string> const& scopes) {
    for (auto const& scope : scopes) {
        if (call.may(scope)) continue;
        return Error{Errc::permission_denied, "scope_not_held",
                     "only who has the permission " + scope + " can give it"};
    }
    return {};
}

Result<ApiKey> require_key(Read const& read, ApiKeyStore const& keys, std::string_view id) {
    auto found = keys.find(read, id);
    if (!found) return std::move(found).error();
    if (!*found) return Error{Errc::not_found, "api_key_not_found", "there is no such API key"};
    return std::move(**found);
}

}  // namespace

Reply<NewApiKey> ApiKeyService::create(Call& call, CreateApiKey const& input) {
    if (auto checked = check_scopes(operation::permissions_of(call), input.scopes); !checked)
        return std::move(checked).error();
    if (input.expires_at && *input.expires_at <= call.now()) {
        return Error{Errc::invalid_argument,
                     "validation_failed",
                     "the input is not valid",
                     {{"/expires_at", "future", "must be a time to come"}}};
    }
    if (auto held = require_scopes(call, input.scopes); !held) return std::move(held).error();
    auto const secret = make_api_key_secret(random_);
    ApiKey const key{.id = call.new_id("key"),
                     .organization_id = call.organization_id(),
                     .name = input.name,
                     .scopes = input.scopes,
                     .hint = hint_of(secret),
                     .created_by = creator_of(call.caller()),
                     .created_at = call.now(),
                     .expires_at = input.expires_at};
    return call.write([&call, key, secret](Transaction& tx) -> Result<NewApiKey> {
        auto const keys = keys_of(call);
        auto const count = keys.count(tx);
        if (!count) return count.error();
        if (*count >= kMaxKeys) {
            return Error{Errc::failed_precondition, "too_many_api_keys",
                         "the organization has 1,000 API keys; remove those that nobody uses"};
        }
        if (auto stored = keys.insert(tx, key, api_key_hash(secret)); !stored) {
            return std::move(stored).error();
        }
        tx.audit_target(key.id);
        tx.emit("api_key.created", event_of(key));
        return with_secret(key, secret);
    });
}

Reply<ApiKey> ApiKeyService::get(Call& call, GetApiKey const& input) {
    return call.read([&](Read& read) { return require_key(read, keys_of(call), input.id); });
}

Reply<Page<ApiKey>> ApiKeyService::list(Call& call, ListApiKeys const& input) {
    std::string after;
    if (input.cursor) {
        auto opened = call.open_cursor(*input.cursor, {});
        if (!opened) return std::move(opened).error();
        after = std::move(*opened);
    }
    auto rows = call.read([&](Read& read) { return keys_of(call).list(read, after, input.limit + 1); });
    if (!rows) return std::move(rows).error();
    Page<ApiKey> page{.items = std::move(*rows)};
    if (static_cast<int>(page.items.size()) > input.limit) {
        page.items.pop_back();
        page.next = call.make_cursor(page.items.back().id, {});
    }
    return page;
}

Reply<NewApiKey> ApiKeyService::rotate(Call& call, RotateApiKey const& input) {
    auto const secret = make_api_key_secret(random_);
    return call.write([this, &call, &input, secret](Transaction& tx) -> Result<NewApiKey> {
        auto const keys = keys_of(call);
        auto found = require_key(tx, keys, input.id);
        if (!found) return std::move(found).error();
        auto key = std::move(*found);
        if (auto expected = call.expect_version(key.version); !expected) return std::move(expected).error();
        // Its new secret is as good as a new key.
        if (auto held = require_scopes(call, key.scopes); !held) return std::move(held).error();
        bool const two_work = key.old_secret_expires_at && *key.old_secret_expires_at > call.now();
        if (two_work && input.old_valid_seconds > 0) {
            return Error{Errc::failed_precondition, "rotation_under_way",
                         "two secrets work at the moment; with old_valid_seconds = 0 both end at once"};
        }
        key.hint = hint_of(secret);
        key.version += 1;
        key.old_secret_expires_at = input.old_valid_seconds > 0
                                        ? std::optional(call.now() + std::chrono::seconds(input.old_valid_seconds))
                                        : std::nullopt;
        if (auto stored = keys.rotate(tx, key, api_key_hash(secret)); !stored) return std::move(stored).error();
        tx.after_commit([this] { identifier_.forget(); });
        tx.audit_target(key.id);
        tx.emit("api_key.rotated", event_of(key));
        return with_secret(key, secret);
    });
}

Reply<Empty> ApiKeyService::remove(Call& call, RemoveApiKey const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<Empty> {
        auto const keys = keys_of(call);
        auto const key = require_key(tx, keys, input.id);
        if (!key) return key.error();
        if (auto expected = call.expect_version(key->version); !expected) return std::move(expected).error();
        if (auto removed = keys.remove(tx, key->id); !removed) return std::move(removed).error();
        tx.after_commit([this] { identifier_.forget(); });
        tx.audit_target(key->id);
        tx.emit("api_key.removed", event_of(*key));
        return Empty{};
    });
}

}  // namespace nexpo::auth

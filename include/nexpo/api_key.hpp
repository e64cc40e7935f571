// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief API keys, with which programs call.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/page.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

/// A program's way into one organization. The secret itself is kept by nobody but the program.
struct ApiKey {
    std::string id{};                                  ///< `key_…`
    std::string organization_id{};                     ///< `org_…`, where the key works.
    std::string name{};                                ///< What it is for.
    std::vector<std::string> scopes{};                 ///< The permissions it has, for example `users:read`.
    std::string hint{};                                ///< The last four characters of the secret.
    std::string created_by{};                          ///< `usr_…`, or `system`.
    Timestamp created_at{};                            ///< When it was made.
    std::optional<Timestamp> expires_at{};             ///< When it ends; absent: never.
    std::optional<Timestamp> last_used_at{};           ///< When it was last used, to about ten minutes.
    std::optional<Timestamp> old_secret_expires_at{};  ///< Until when the secret before the rotation works.
    std::int64_t version = 1;                          ///< The record's ETag.
};

/// Input of `api_keys.create`.
struct CreateApiKey {
    std::string name{};                     ///< Required; one line of at most 200 characters.
    std::vector<std::string> scopes{};      ///< Required; permissions that the caller has too, at most 100.
    std::optional<Timestamp> expires_at{};  ///< When it ends; absent: never.
};

/// A key, as `ApiKey` shows it, with its secret, which is shown this once.
struct NewApiKey {
    std::string id{};                                  ///< `key_…`
    std::string organization_id{};                     ///< `org_…`, where the key works.
    std::string name{};                                ///< What it is for.
    std::vector<std::string> scopes{};                 ///< The permissions it has.
    std::string hint{};                                ///< The last four characters of the secret.
    std::string created_by{};                          ///< `usr_…`, or `system`.
    Timestamp created_at{};                            ///< When it was made.
    std::optional<Timestamp> expires_at{};             ///< When it ends; absent: never.
    std::optional<Timestamp> last_used_at{};           ///< When it was last used, to about ten minutes.
    std::optional<Timestamp> old_secret_expires_at{};  ///< Until when the secret before the rotation works.
    std::int64_t version = 1;                          ///< The record's ETag.
    std::string secret{};                              ///< `nxp_…`; send it as `Authorization: Bearer …`.
};

/// Input of `api_keys.get`.
struct GetApiKey {
    std::string id{};  ///< `key_…`
};

/// Input of `api_keys.list`.
struct ListApiKeys {
    int limit = kDefaultPageLimit;        ///< 1 to 200.
    std::optional<std::string> cursor{};  ///< `next` of the page before.
};

/// Input of `api_keys.rotate`.
struct RotateApiKey {
    std::string id{};                         ///< `key_…`
    std::int64_t old_valid_seconds = 86'400;  ///< How long the old secret goes on working, 0 to 2,592,000.
};

/// Input of `api_keys.remove`.
struct RemoveApiKey {
    std::string id{};  ///< `key_…`
};

/// Payload of `api_key.created`, `api_key.rotated` and `api_key.removed`.
struct ApiKeyEvent {
    std::string api_key_id{};  ///< `key_…`
    std::string name{};        ///< What it is for.
};

NEXPO_API StructType describe(Type<ApiKey>);        ///< Description.
NEXPO_API StructType describe(Type<CreateApiKey>);  ///< Description.
NEXPO_API StructType describe(Type<NewApiKey>);     ///< Description.
NEXPO_API StructType describe(Type<GetApiKey>);     ///< Description.
NEXPO_API StructType describe(Type<ListApiKeys>);   ///< Description.
NEXPO_API StructType describe(Type<RotateApiKey>);  ///< Description.
NEXPO_API StructType describe(Type<RemoveApiKey>);  ///< Description.
NEXPO_API StructType describe(Type<ApiKeyEvent>);   ///< Description.

/// The API keys of the caller's organization. A key stays when the user who made it leaves. No key holds
/// `api_keys:write`, `roles:write`, `owners:write`, `billing:write` or `organizations:remove`: keys make no keys and
/// give no roles, so that a leaked one does no more once it is removed. Cheap to copy and safe to share between
/// threads. Every method also fails with: unauthenticated, permission_denied, invalid_argument
/// (`validation_failed`), resource_exhausted, deadline_exceeded, cancelled, unavailable.
class NEXPO_API ApiKeys {
 public:
    /// Makes a key. Nobody can give a key permissions that he does not have himself.
    /// Errors: permission_denied (`scope_not_held`), failed_precondition (`too_many_api_keys`: an organization has at
    /// most 1,000), invalid_argument (`validation_failed`; rules of `/scopes/…`:
    /// `format`, `unique`, `scope_unknown` for what nothing asks for, `scope_not_grantable` for what no key can have).
    Result<NewApiKey> create(CreateApiKey const& input) const;
    /// One key. Errors: not_found (`api_key_not_found`).
    Result<ApiKey> get(GetApiKey const& input) const;
    /// Keys in the order in which they were made. Errors: invalid_argument (`cursor_invalid`).
    Result<Page<ApiKey>> list(ListApiKeys const& input) const;
    /// Makes a new secret; the old one goes on working for the time given, so that programs can change over. At most
    /// two secrets work at a time. Errors: not_found (`api_key_not_found`), failed_precondition (`rotation_under_way`),
    /// permission_denied (`scope_not_held`).
    Result<NewApiKey> rotate(RotateApiKey const& input) const;
    /// Removes a key: its secrets are refused from now on. Errors: not_found (`api_key_not_found`).
    Result<void> remove(RemoveApiKey const& input) const;

    /// Made by `Api::api_keys`.
    explicit ApiKeys(std::shared_ptr<ApiState const> state) noexcept;

 private:
    std::shared_ptr<ApiState const> state_;
};

}  // namespace nexpo::inline v1

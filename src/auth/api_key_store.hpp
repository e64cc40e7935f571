// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/api_key.hpp"
#include "nexpo/store.hpp"
#include "store/scope.hpp"

namespace nexpo::auth {

/// SQL over `auth_api_keys`.
class ApiKeyStore {
 public:
    explicit ApiKeyStore(store::Scope scope) : scope_(std::move(scope)) {}

    Result<std::optional<ApiKey>> find(Read const& read, std::string_view id) const;
    /// Keys after the one with id `after`, by id; at most `limit`.
    Result<std::vector<ApiKey>> list(Read const& read, std::string_view after, std::int64_t limit) const;
    /// How many keys there are, expired ones included.
    Result<std::int64_t> count(Read const& read) const;
    Result<void> insert(Transaction const& tx, ApiKey const& key, std::string_view secret_hash) const;
    /// Stores a new secret, hint and version; the secret until now becomes the old one, or ends when the key says so.
    Result<void> rotate(Transaction const& tx, ApiKey const& key, std::string_view secret_hash) const;
    Result<void> remove(Transaction const& tx, std::string_view id) const;

    /// The key that a secret opens at this moment, in whichever organization. A key that has expired is found too.
    static Result<std::optional<ApiKey>> find_by_secret(Read const& read, std::string_view secret_hash, Timestamp now);
    static Result<void> mark_used(Transaction const& tx, std::string_view id, Timestamp now);

 private:
    store::Scope scope_;
};

}  // namespace nexpo::auth

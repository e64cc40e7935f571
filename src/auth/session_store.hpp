// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nexpo/store.hpp"

namespace nexpo::auth {

struct Session {
    std::string id{};
    std::string account_id{};
    std::string organization_id{};
    std::int64_t generation = 1;  ///< Of the refresh token that works now.
    Timestamp created_at{};
    Timestamp refreshed_at{};
    Timestamp expires_at{};
    std::optional<Timestamp> ended_at{};

    bool is_open(Timestamp now) const { return !ended_at && now < expires_at; }
};

StructType describe(Type<Session>);

/// SQL over `auth_sessions`. Whoever signs in has no organization yet: this looks across all of them.
class SessionStore {
 public:
    static Result<std::optional<Session>> find(Read const& read, std::string_view id);
    static Result<void> insert(Transaction const& tx, Session const& session);
    /// Stores generation, time of refresh and expiry.
    static Result<void> update(Transaction const& tx, Session const& session);
    static Result<void> end(Transaction const& tx, std::string_view id, Timestamp now);
    /// Removes the account's sessions in an organization.
    static Result<void> remove_in(Transaction const& tx, std::string_view account_id, std::string_view organization_id);
    /// Removes at most `most` sessions that have expired; answers how many.
    static Result<std::int64_t> prune(Transaction const& tx, Timestamp now, std::int64_t most);
};

}  // namespace nexpo::auth

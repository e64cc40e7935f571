// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/store.hpp"
#include "nexpo/user.hpp"
#include "store/scope.hpp"

namespace nexpo::user {

/// SQL over `user_profiles`, within one organization.
class UserStore {
 public:
    explicit UserStore(store::Scope scope) : scope_(std::move(scope)) {}

    Result<std::optional<User>> find(Read const& read, std::string_view id) const;
    /// Users after the one with id `after`, by id; at most `limit`.
    Result<std::vector<User>> list(Read const& read, std::string_view after, std::optional<Role> role,
                                   std::int64_t limit) const;
    Result<std::int64_t> count_owners(Read const& read) const;
    Result<std::optional<std::string>> account_of(Read const& read, std::string_view id) const;

    /// False when the address is taken in the organization.
    Result<bool> insert(Transaction const& tx, User const& user) const;
    Result<void> link_account(Transaction const& tx, std::string_view id, std::string_view account_id) const;
    /// Stores name, role, time and version.
    Result<void> update(Transaction const& tx, User const& user) const;
    Result<void> remove(Transaction const& tx, std::string_view id) const;

 private:
    store::Scope scope_;
};

}  // namespace nexpo::user

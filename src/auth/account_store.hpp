// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nexpo/store.hpp"

namespace nexpo::auth {

struct Account {
    std::string id{};
    std::string password_hash{};
};

/// SQL over `auth_accounts`. Addresses are in lower case. Accounts belong to the installation, not to an organization.
class AccountStore {
 public:
    static Result<std::optional<Account>> find(Read const& read, std::string_view email);
    /// False when the address is taken.
    static Result<bool> insert(Transaction const& tx, std::string_view id, std::string_view email,
                               std::string_view password_hash, Timestamp now);
    /// Removes the account with what is left of its sessions.
    static Result<void> remove(Transaction const& tx, std::string_view id);
};

}  // namespace nexpo::auth

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/store.hpp"

namespace nexpo::user {

/// An account that exists already.
struct KnownAccount {
    std::string id{};
    std::string password_hash{};
};

/// What users need of accounts; implemented by auth. Thread-safe.
class Accounts {
 public:
    virtual ~Accounts() = default;

    /// A hash to store. Blocks. Errors: resource_exhausted (`sign_in_busy`).
    virtual Result<std::string> hash_password(Secret const& password) = 0;
    /// A new account's id, or nothing when an account has the address.
    virtual Result<std::optional<std::string>> create(Transaction const& tx, std::string_view email,
                                                      std::string_view password_hash, Timestamp now) = 0;
    /// The account with this address.
    virtual Result<std::optional<KnownAccount>> find(Read const& read, std::string_view email) = 0;
    /// Whether the password is the account's. Blocks. Errors: resource_exhausted (`sign_in_busy`).
    virtual Result<bool> verify_password(KnownAccount const& account, Secret const& password) = 0;
    /// Ends the account's sessions in an organization.
    virtual Result<void> end_sessions(Transaction const& tx, std::string_view account_id,
                                      std::string_view organization_id) = 0;
    /// Removes an account that nobody's membership refers to any more, so that its address is free again.
    virtual Result<void> remove(Transaction const& tx, std::string_view account_id) = 0;
    /// What is remembered of the account's rights is out of date.
    virtual void rights_changed(std::string_view account_id) noexcept = 0;
};

}  // namespace nexpo::user

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/store.hpp"

namespace nexpo::user {

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
    virtual Result<std::optional<std::string>> find(Read const& read, std::string_view email) = 0;
    /// What is remembered of the account's rights is out of date.
    virtual void rights_changed(std::string_view account_id) noexcept = 0;
};

}  // namespace nexpo::user

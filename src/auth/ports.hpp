// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nexpo/result.hpp"
#include "nexpo/store.hpp"

namespace nexpo::auth {

/// An account's place in an organization.
struct Membership {
    std::string user_id{};
    std::string organization_id{};
    std::string role{};
};

/// Who founds an organization by signing up.
struct Founder {
    std::string account_id{};
    std::string email{};
    std::string name{};
    std::string organization_name{};  ///< Empty: one is made up.
};

/// What auth needs of users and organizations; implemented by user. Thread-safe.
class Memberships {
 public:
    virtual ~Memberships() = default;

    /// The membership in an organization (slug or id), or the oldest one when `organization` is empty.
    virtual Result<std::optional<Membership>> find(Read const& read, std::string_view account_id,
                                                   std::string_view organization) = 0;
    /// A new organization owned by the founder.
    virtual Result<Membership> found(Transaction const& tx, Founder const& founder, Timestamp now) = 0;
};

}  // namespace nexpo::auth

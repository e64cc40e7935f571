// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nexpo/random.hpp"
#include "nexpo/store.hpp"
#include "nexpo/user.hpp"
#include "store/scope.hpp"

namespace nexpo::user {

/// What another service may know of somebody's place in an organization.
struct Membership {
    std::string user_id{};
    std::string organization_id{};
    std::string role{};
};

StructType describe(Type<Membership>);

/// Organizations and memberships for the parts that look across organizations: signing in and `as_system`. Thread-safe.
class Directory {
 public:
    /// `across`: the scope in which memberships of an account are looked for.
    Directory(Random& random, store::Scope across) : random_(random), across_(std::move(across)) {}

    Result<std::optional<std::string>> find_organization(Read const& read, std::string_view slug) const;
    Result<std::string> find_or_create_organization(Transaction const& tx, std::string_view slug, Timestamp now) const;

    /// The account's membership in an organization (slug or id), or its oldest one when `organization` is empty.
    Result<std::optional<Membership>> find_membership(Read const& read, std::string_view account_id,
                                                      std::string_view organization) const;

    /// A new organization whose owner is the account. Its slug is made up: slugs that an application relies on are not
    /// for strangers to take.
    Result<Membership> found_organization(Transaction const& tx, std::string_view name, User owner,
                                          std::string_view account_id) const;

    /// Whether the account is a member of any organization.
    Result<bool> is_member_anywhere(Read const& read, std::string_view account_id) const;

 private:
    Random& random_;
    store::Scope across_;
};

}  // namespace nexpo::user

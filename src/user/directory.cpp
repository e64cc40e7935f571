// SPDX-License-Identifier: Apache-2.0
#include "user/directory.hpp"

#include <array>

#include "nexpo/id.hpp"
#include "store/scope_change.hpp"
#include "user/organization_store.hpp"
#include "user/user_store.hpp"

namespace nexpo::user {

StructType describe(Type<Membership>) {
    return structure<Membership>("Membership", field("user_id", &Membership::user_id),
                                 field("organization_id", &Membership::organization_id),
                                 field("role", &Membership::role));
}

namespace {

constexpr std::string_view kOldestMembership =
    "SELECT id AS user_id, organization_id, role FROM user_profiles WHERE account_id = $1"
    " ORDER BY created_at, id LIMIT 1";

constexpr std::string_view kMembershipIn =
    // Not as a join: SQLite would go through all users of the organization.
    "SELECT id AS user_id, organization_id, role FROM user_profiles WHERE account_id = $1"
    " AND organization_id IN (SELECT id FROM organizations WHERE id = $2 OR slug = $2)";

struct Slug {
    std::string value{};
};

StructType describe(Type<Slug>) {
    return structure<Slug>("Slug", field("organization", &Slug::value).required().format(Format::slug));
}

/// 60 random bits: two made-up slugs never meet.
std::string made_up_slug(Random& random) {
    std::array<std::byte, 12> bytes{};
    random.fill(bytes);
    constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
    std::string slug = "org-";
    for (auto const byte : bytes) slug += kLetters[std::to_integer<std::size_t>(byte) % kLetters.size()];
    return slug;
}

}  // namespace

Result<std::optional<std::string>> Directory::find_organization(Read const& read, std::string_view slug) const {
    return OrganizationStore::find(read, slug);
}

Result<std::string> Directory::find_or_create_organization(Transaction const& tx, std::string_view slug,
                                                           Timestamp now) const {
    if (auto valid = validate(Slug{std::string(slug)}); !valid) return std::move(valid).error();
    auto found = OrganizationStore::find(tx, slug);
    if (!found) return std::move(found).error();
    if (*found) return std::move(**found);
    auto id = make_id("org", now, random_);
    auto created = OrganizationStore::create(tx, id, slug, slug, now);
    if (!created) return std::move(created).error();
    return id;
}

Result<std::optional<Membership>> Directory::find_membership(Read const& read, std::string_view account_id,
                                                             std::string_view organization) const {
    store::ScopeChange const across(read, across_);
    if (organization.empty()) return read.one<Membership>(kOldestMembership, {account_id});
    return read.one<Membership>(kMembershipIn, {account_id, organization});
}

Result<Membership> Directory::found_organization(Transaction const& tx, std::string_view name, User owner,
                                                 std::string_view account_id) const {
    auto const id = make_id("org", owner.created_at, random_);
    auto const slug = made_up_slug(random_);
    auto created =
        OrganizationStore::create(tx, id, slug, name.empty() ? std::string_view(slug) : name, owner.created_at);
    if (!created) return std::move(created).error();
    if (!*created) return Error{Errc::aborted, "slug_taken", "a made-up slug was taken; repeat the call"};

    owner.organization_id = id;
    store::ScopeChange const founded(tx, store::Scope::organization(id));
    UserStore const users(store::Scope::organization(id));
    auto inserted = users.insert(tx, owner);
    if (!inserted) return std::move(inserted).error();
    if (auto linked = users.link_account(tx, owner.id, account_id); !linked) return std::move(linked).error();
    tx.emit("user.created", UserEvent{.user_id = owner.id, .email = owner.email, .role = owner.role});
    return Membership{.user_id = owner.id, .organization_id = id, .role = std::string(to_word(owner.role))};
}

Result<bool> Directory::is_member_anywhere(Read const& read, std::string_view account_id) const {
    store::ScopeChange const across(read, across_);
    auto const found =
        read.one<std::int64_t>("SELECT 1 FROM user_profiles WHERE account_id = $1 LIMIT 1", {account_id});
    if (!found) return found.error();
    return found->has_value();
}

}  // namespace nexpo::user

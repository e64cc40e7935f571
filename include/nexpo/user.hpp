// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Users: the people of an organization and their roles.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/page.hpp"
#include "nexpo/patch.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

/// What a user may do in the organization.
enum class Role : std::uint8_t {
    owner,   ///< Everything.
    admin,   ///< Everything but owners, billing and removing the organization.
    member,  ///< Reads everything, changes their own profile.
    viewer,  ///< Reads everything.
};

/// The words of `Role`.
constexpr std::array<std::string_view, 4> enum_names(Role) {
    return {"owner", "admin", "member", "viewer"};
}

/// A person's membership and profile in one organization.
struct User {
    std::string id{};               ///< `usr_…`
    std::string organization_id{};  ///< `org_…`
    std::string email{};            ///< In lower case; unique in the organization.
    std::string name{};             ///< What to call them; may be empty.
    Role role = Role::member;       ///< What they may do.
    Timestamp created_at{};         ///< When they were added.
    Timestamp updated_at{};         ///< When the record last changed.
    std::int64_t version = 1;       ///< Counts the changes; the record's ETag.
};

/// Input of `users.create`.
struct CreateUser {
    std::string email{};       ///< Required; unique in the organization.
    std::string name{};        ///< One line of at most 200 characters.
    Role role = Role::member;  ///< Only owners make owners.
    /// 8 to 1,024 characters; used only when nobody has an account with this address. Takes the permission
    /// `accounts:write`, because whoever knows it can sign in as the user.
    std::optional<Secret> password{};
};

/// Input of `users.get`.
struct GetUser {
    std::string id{};  ///< `usr_…`
};

/// Input of `users.list`.
struct ListUsers {
    std::int64_t limit = kDefaultPageLimit;  ///< 1 to 200.
    std::optional<std::string> cursor{};     ///< `next` of the page before.
    std::optional<Role> role{};              ///< Only users with this role.
};

/// Input of `users.update`, a merge patch: absent fields stay as they are.
struct UpdateUser {
    std::string id{};           ///< `usr_…`
    Patch<std::string> name{};  ///< One line of at most 200 characters; null empties it.
    Patch<Role> role{};         ///< Only owners make or change owners.
};

/// Input of `users.remove`.
struct RemoveUser {
    std::string id{};  ///< `usr_…`
};

/// Input of `users.me`.
struct GetMe {};

/// Payload of `user.created`, `user.updated` and `user.removed`.
struct UserEvent {
    std::string user_id{};     ///< `usr_…`
    std::string email{};       ///< As it is after the change.
    Role role = Role::member;  ///< As it is after the change.
};

/// Input of `organizations.bootstrap`.
struct Bootstrap {
    std::string email{};  ///< The owner's address.
    Secret password{};    ///< 8 to 1,024 characters.
    std::string name{};   ///< The owner's name; may be empty.
};

/// Output of `organizations.bootstrap`.
struct BootstrapResult {
    std::string organization_id{};  ///< `org_…`
    bool owner_created = false;     ///< False when the organization has an owner already; nothing was changed then.
};

NEXPO_API StructType describe(Type<User>);             ///< Description.
NEXPO_API StructType describe(Type<CreateUser>);       ///< Description.
NEXPO_API StructType describe(Type<GetUser>);          ///< Description.
NEXPO_API StructType describe(Type<ListUsers>);        ///< Description.
NEXPO_API StructType describe(Type<UpdateUser>);       ///< Description.
NEXPO_API StructType describe(Type<RemoveUser>);       ///< Description.
NEXPO_API StructType describe(Type<GetMe>);            ///< Description.
NEXPO_API StructType describe(Type<UserEvent>);        ///< Description.
NEXPO_API StructType describe(Type<Bootstrap>);        ///< Description.
NEXPO_API StructType describe(Type<BootstrapResult>);  ///< Description.

/// The users of the caller's organization. Cheap to copy and safe to share between threads.
/// Every method also fails with: unauthenticated, permission_denied, invalid_argument (`validation_failed`),
/// resource_exhausted, deadline_exceeded, cancelled, unavailable.
class NEXPO_API Users {
 public:
    /// Adds a user. Errors: already_exists (`email_taken`), permission_denied (`owner_required`).
    Result<User> create(CreateUser const& input) const;
    /// One user. Errors: not_found (`user_not_found`).
    Result<User> get(GetUser const& input) const;
    /// Users in the order in which they were added. Errors: invalid_argument (`cursor_invalid`).
    Result<Page<User>> list(ListUsers const& input) const;
    /// Changes a user. Members may change their own name.
    /// Errors: not_found (`user_not_found`), aborted (`version_mismatch`), permission_denied (`owner_required`),
    /// failed_precondition (`last_owner`).
    Result<User> update(UpdateUser const& input) const;
    /// Removes a user from the organization, which ends their sessions in it.
    /// Errors: not_found (`user_not_found`), permission_denied (`owner_required`), failed_precondition (`last_owner`).
    Result<void> remove(RemoveUser const& input) const;
    /// The caller's own profile. Errors: not_found (`user_not_found`) for callers without one, permission_denied
    /// (`account_required`) for programs with an API key.
    Result<User> me() const;

    /// Made by `Api::users`.
    explicit Users(std::shared_ptr<ApiState const> state) noexcept;

 private:
    std::shared_ptr<ApiState const> state_;
};

/// Organizations, for the embedding application. Cheap to copy and safe to share between threads.
class NEXPO_API Organizations {
 public:
    /// Creates the caller's organization if it is missing and, if it has no owner, its owner. Does nothing when it has
    /// one. Safe to call from several processes at once. Only the system caller may.
    /// Errors: permission_denied, invalid_argument (`validation_failed`), already_exists (`email_taken`).
    Result<BootstrapResult> bootstrap(Bootstrap const& input) const;

    /// Made by `Api::organizations`.
    explicit Organizations(std::shared_ptr<ApiState const> state) noexcept;

 private:
    std::shared_ptr<ApiState const> state_;
};

}  // namespace nexpo::inline v1

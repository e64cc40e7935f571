// SPDX-License-Identifier: Apache-2.0
#include "user/user_service.hpp"

namespace nexpo::user {

namespace {

Reason const kNotFound{Errc::not_found, "user_not_found"};
Reason const kEmailTaken{Errc::already_exists, "email_taken"};
Reason const kOwnerRequired{Errc::permission_denied, "owner_required"};
Reason const kLastOwner{Errc::failed_precondition, "last_owner"};
Reason const kVersionMismatch{Errc::aborted, "version_mismatch"};

}  // namespace

void add_operations(OperationTable& table, UserService& service) {
    table.add<CreateUser, User>(
        {.info = {.name = "users.create",
                  .summary = "Add a user to the organization",
                  .description = "With a password the user can sign in at once, provided that nobody has an account "
                                 "with this address; an account that exists is joined by invitation instead. Giving "
                                 "a password takes the permission `accounts:write` as well: whoever has it can sign "
                                 "in as the new user.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /users",
                  .location = "/users/{id}",
                  .permission = "users:write",
                  .also_permissions = {"accounts:write", "roles:write", "owners:write"},
                  .reasons = {kEmailTaken, kOwnerRequired},
                  .emits = {event<UserEvent>("user.created", "users:read")},
                  .may_block = true,
                  .blocking_field = "password"},
         .handler = [&](Call& call, CreateUser const& input) { return service.create(call, input); }});
    table.add<ListUsers, Page<User>>(
        {.info = {.name = "users.list",
                  .summary = "List the organization's users in the order in which they were added",
                  .rest = "GET /users",
                  .permission = "users:read",
                  .reasons = {{Errc::invalid_argument, "cursor_invalid"}}},
         .handler = [&](Call& call, ListUsers const& input) { return service.list(call, input); }});
    table.add<GetMe, User>({.info = {.name = "users.me",
                                     .summary = "Get the caller's own profile",
                                     .rest = "GET /users/me",
                                     .access = Access::signed_in,
                                     .reasons = {kNotFound}},
                            .handler = [&](Call& call, GetMe const& input) { return service.me(call, input); }});
    table.add<GetUser, User>({.info = {.name = "users.get",
                                       .summary = "Get one user",
                                       .rest = "GET /users/{id}",
                                       .permission = "users:read",
                                       .reasons = {kNotFound}},
                              .handler = [&](Call& call, GetUser const& input) { return service.get(call, input); }});
    table.add<UpdateUser, User>(
        {.info = {.name = "users.update",
                  .summary = "Change a user",
                  .description =
                      "A merge patch: absent fields stay as they are. Members may change their own name with "
                      "`profile:write`; other users take `users:write`, roles `roles:write` as well.",
                  .kind = OperationKind::mutation,
                  .rest = "PATCH /users/{id}",
                  .permission = "profile:write",
                  .or_permission = "users:write",
                  .also_permissions = {"roles:write", "owners:write"},
                  .reasons = {kNotFound, kOwnerRequired, kLastOwner, kVersionMismatch},
                  .emits = {event<UserEvent>("user.updated", "users:read")}},
         .handler = [&](Call& call, UpdateUser const& input) { return service.update(call, input); }});
    table.add<RemoveUser, Empty>(
        {.info = {.name = "users.remove",
                  .summary = "Remove a user from the organization",
                  .description = "The user's sessions in the organization end.",
                  .kind = OperationKind::mutation,
                  .rest = "DELETE /users/{id}",
                  .permission = "users:write",
                  .also_permissions = {"roles:write", "owners:write"},
                  .reasons = {kNotFound, kOwnerRequired, kLastOwner, kVersionMismatch},
                  .emits = {event<UserEvent>("user.removed", "users:read")}},
         .handler = [&](Call& call, RemoveUser const& input) { return service.remove(call, input); }});
    table.add<Bootstrap, BootstrapResult>(
        {.info = {.name = "organizations.bootstrap",
                  .summary = "Create the organization and its first owner, if it has none",
                  .kind = OperationKind::mutation,
                  .access = Access::system,
                  .reasons = {kEmailTaken, {Errc::already_exists, "account_exists"}},
                  .emits = {event<UserEvent>("user.created", "users:read")},
                  .may_block = true},
         .handler = [&](Call& call, Bootstrap const& input) { return service.bootstrap(call, input); }});
}

}  // namespace nexpo::user

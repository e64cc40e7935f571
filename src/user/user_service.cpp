// SPDX-License-Identifier: Apache-2.0
#include "user/user_service.hpp"

#include "base/ascii.hpp"
#include "user/user_store.hpp"

namespace nexpo::user {

namespace {

UserStore users_of(Call const& call) {
    return UserStore(store::Scope::organization(call.organization_id()));
}

/// The same answer for an unknown, a removed and another organization's id.
Error not_found() {
    return {Errc::not_found, "user_not_found", "there is no such user"};
}

Error account_exists() {
    return {Errc::already_exists, "account_exists", "an account has this address and another password"};
}

/// Whom only those may touch who may give roles: whoever manages users must not rise above their own role by it.
bool is_privileged(Role role) {
    return role == Role::owner || role == Role::admin;
}

Error owner_required() {
    return {Errc::permission_denied, "owner_required", "only an owner may change owners"};
}

UserEvent event_of(User const& user) {
    return {.user_id = user.id, .email = user.email, .role = user.role};
}

Result<User> require_user(Read const& read, UserStore const& users, std::string_view id) {
    auto found = users.find(read, id);
    if (!found) return std::move(found).error();
    if (!*found) return not_found();
    return std::move(**found);
}

Result<void> require_another_owner(Read const& read, UserStore const& users) {
    auto const owners = users.count_owners(read);
    if (!owners) return owners.error();
    if (*owners > 1) return {};
    return Error{Errc::failed_precondition, "last_owner", "an organization keeps at least one owner"};
}

/// What must be forgotten once the change is committed.
Result<void> forget_rights_after_commit(Transaction const& tx, UserStore const& users, std::string_view id,
                                        Accounts& accounts) {
    auto account = users.account_of(tx, id);
    if (!account) return std::move(account).error();
    if (*account) tx.after_commit([&accounts, id = **account] { accounts.rights_changed(id); });
    return {};
}

/// Removes the profile and what of its account has no use without it.
Result<void> remove_profile(Transaction const& tx, UserStore const& users, User const& user, Accounts& accounts,
                            Directory const& directory) {
    auto const account = users.account_of(tx, user.id);
    if (!account) return account.error();
    if (auto removed = users.remove(tx, user.id); !removed) return removed;
    if (!*account) return {};
    auto const is_member = directory.is_member_anywhere(tx, **account);
    if (!is_member) return is_member.error();
    return *is_member ? accounts.end_sessions(tx, **account, user.organization_id) : accounts.remove(tx, **account);
}

}  // namespace

Reply<User> UserService::create(Call& call, CreateUser const& input) {
    if (input.role == Role::owner && !call.may("owners:write")) return owner_required();
    if (is_privileged(input.role)) {
        if (auto allowed = call.require("roles:write"); !allowed) return std::move(allowed).error();
    }
    if (input.password) {
        // Whoever knows the password can sign in as the user, and do more than add users.
        if (auto allowed = call.require("accounts:write"); !allowed) return std::move(allowed).error();
    }
    User const user{.id = call.new_id("usr"),
                    .organization_id = call.organization_id(),
                    .email = base::to_lower(input.email),
                    .name = input.name,
                    .role = input.role,
                    .created_at = call.now(),
                    .updated_at = call.now()};
    std::optional<std::string> hash;
    if (input.password) {
        auto hashed = accounts_.hash_password(*input.password);
        if (!hashed) return std::move(hashed).error();
        hash = std::move(*hashed);
    }
    return call.write([this, &call, user, hash](Transaction& tx) -> Result<User> {
        auto const users = users_of(call);
        auto const inserted = users.insert(tx, user);
        if (!inserted) return inserted.error();
        if (!*inserted)
            return Error{Errc::already_exists, "email_taken", "a user of the organization has this address"};
        if (hash) {
            // Nothing in the answer tells whether somebody had an account: the profile is then linked by invitation.
            auto account = accounts_.create(tx, user.email, *hash, user.created_at);
            if (!account) return std::move(account).error();
            if (*account) {
                if (auto linked = users.link_account(tx, user.id, **account); !linked) return std::move(linked).error();
            }
        }
        tx.audit_target(user.id);
        tx.emit("user.created", event_of(user));
        return user;
    });
}

Reply<User> UserService::get(Call& call, GetUser const& input) {
    return call.read([&](Read& read) { return require_user(read, users_of(call), input.id); });
}

Reply<Page<User>> UserService::list(Call& call, ListUsers const& input) {
    std::string const filter = input.role ? std::string(to_word(*input.role)) : "";
    std::string after;
    if (input.cursor) {
        auto opened = call.open_cursor(*input.cursor, filter);
        if (!opened) return std::move(opened).error();
        after = std::move(*opened);
    }
    auto rows = call.read([&](Read& read) { return users_of(call).list(read, after, input.role, input.limit + 1); });
    if (!rows) return std::move(rows).error();
    Page<User> page{.items = std::move(*rows)};
    if (static_cast<std::int64_t>(page.items.size()) > input.limit) {
        page.items.pop_back();
        page.next = call.make_cursor(page.items.back().id, filter);
    }
    return page;
}

Reply<User> UserService::update(Call& call, UpdateUser const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<User> {
        auto const users = users_of(call);
        auto found = require_user(tx, users, input.id);
        if (!found) return found;
        auto user = std::move(*found);

        bool const own_profile = call.caller().user_id == user.id;
        if (!own_profile || input.role.has_value()) {
            if (auto allowed = call.require("users:write"); !allowed) return std::move(allowed).error();
        }
        if (input.role.has_value() || (is_privileged(user.role) && !own_profile)) {
            if (auto allowed = call.require("roles:write"); !allowed) return std::move(allowed).error();
        }
        bool const touches_owner = user.role == Role::owner || (input.role.has_value() && *input.role == Role::owner);
        if (touches_owner && !own_profile && !call.may("owners:write")) return owner_required();
        if (input.role.has_value() && *input.role == Role::owner && !call.may("owners:write")) return owner_required();
        if (auto expected = call.expect_version(user.version); !expected) return std::move(expected).error();
        if (user.role == Role::owner && input.role.has_value() && *input.role != Role::owner) {
            if (auto another = require_another_owner(tx, users); !another) return std::move(another).error();
        }

        if (input.name.is_present()) user.name = input.name.has_value() ? *input.name : std::string();
        if (input.role.has_value()) user.role = *input.role;
        user.updated_at = call.now();
        user.version += 1;
        if (auto updated = users.update(tx, user); !updated) return std::move(updated).error();
        if (auto forgotten = forget_rights_after_commit(tx, users, user.id, accounts_); !forgotten) {
            return std::move(forgotten).error();
        }
        tx.audit_target(user.id);
        tx.emit("user.updated", event_of(user));
        return user;
    });
}

Reply<Empty> UserService::remove(Call& call, RemoveUser const& input) {
    return call.write([this, &call, &input](Transaction& tx) -> Result<Empty> {
        auto const users = users_of(call);
        auto const user = require_user(tx, users, input.id);
        if (!user) return user.error();
        if (auto expected = call.expect_version(user->version); !expected) return std::move(expected).error();
        if (is_privileged(user->role)) {
            if (auto allowed = call.require("roles:write"); !allowed) return std::move(allowed).error();
        }
        if (user->role == Role::owner) {
            if (!call.may("owners:write")) return owner_required();
            if (auto another = require_another_owner(tx, users); !another) return std::move(another).error();
        }
        if (auto forgotten = forget_rights_after_commit(tx, users, user->id, accounts_); !forgotten) {
            return std::move(forgotten).error();
        }
        if (auto removed = remove_profile(tx, users, *user, accounts_, directory_); !removed)
            return std::move(removed).error();
        tx.audit_target(user->id);
        tx.emit("user.removed", event_of(*user));
        return Empty{};
    });
}

Reply<User> UserService::me(Call& call, GetMe const&) {
    return call.read([&](Read& read) { return require_user(read, users_of(call), call.caller().user_id); });
}

Reply<BootstrapResult> UserService::bootstrap(Call& call, Bootstrap const& input) {
    // Most starts find an owner: only the first one pays for a hash.
    auto const owners = call.read([&](Read& read) { return users_of(call).count_owners(read); });
    if (!owners) return owners.error();
    BootstrapResult const nothing_to_do{.organization_id = call.organization_id()};
    if (*owners > 0) return nothing_to_do;

    // Whoever holds an account with the address becomes the owner only if it is whom the application means.
    auto const email = base::to_lower(input.email);
    auto const known = call.read([&](Read& read) { return accounts_.find(read, email); });
    if (!known) return known.error();
    if (*known) {
        auto const matches = accounts_.verify_password(**known, input.password);
        if (!matches) return matches.error();
        if (!*matches) return account_exists();
    }
    auto const known_id = *known ? std::optional((*known)->id) : std::nullopt;
    auto hash = accounts_.hash_password(input.password);
    if (!hash) return std::move(hash).error();
    User const owner{.id = call.new_id("usr"),
                     .organization_id = call.organization_id(),
                     .email = email,
                     .name = input.name,
                     .role = Role::owner,
                     .created_at = call.now(),
                     .updated_at = call.now()};
    return call.write(
        [this, &call, owner, nothing_to_do, known_id, hash = *hash](Transaction& tx) -> Result<BootstrapResult> {
            auto const users = users_of(call);
            auto const owners_now = users.count_owners(tx);
            if (!owners_now) return owners_now.error();
            if (*owners_now > 0) return nothing_to_do;

            auto const inserted = users.insert(tx, owner);
            if (!inserted) return inserted.error();
            if (!*inserted)
                return Error{Errc::already_exists, "email_taken", "a user of the organization has this address"};
            auto account = known_id ? Result<std::optional<std::string>>(known_id)
                                    : accounts_.create(tx, owner.email, hash, owner.created_at);
            if (!account) return std::move(account).error();
            if (!*account) return account_exists();
            if (auto linked = users.link_account(tx, owner.id, **account); !linked) return std::move(linked).error();
            tx.audit_target(owner.id);
            tx.emit("user.created", event_of(owner));
            return BootstrapResult{.organization_id = owner.organization_id, .owner_created = true};
        });
}

}  // namespace nexpo::user

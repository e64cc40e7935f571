// SPDX-License-Identifier: Apache-2.0
#include "user/user_store.hpp"

namespace nexpo::user {

namespace {

constexpr std::string_view kFind =
    "SELECT id, organization_id, email, name, role, created_at, updated_at, version FROM user_profiles"
    " WHERE id = $1 AND organization_id = $2";

constexpr std::string_view kList =
    "SELECT id, organization_id, email, name, role, created_at, updated_at, version FROM user_profiles"
    " WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3";

constexpr std::string_view kListMembers =
    "SELECT id, organization_id, email, name, role, created_at, updated_at, version FROM user_profiles"
    " WHERE organization_id = $1 AND role = 'member' AND id > $2 ORDER BY id LIMIT $3";

// `<> 'member'` literally, because an index of few rows is found by no parameter.
constexpr std::string_view kListByRole =
    "SELECT id, organization_id, email, name, role, created_at, updated_at, version FROM user_profiles"
    " WHERE organization_id = $1 AND role = $4 AND role <> 'member' AND id > $2 ORDER BY id LIMIT $3";

constexpr std::string_view kInsert =
    "INSERT INTO user_profiles (id, organization_id, email, name, role, created_at, updated_at, version)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (organization_id, email) DO NOTHING";

constexpr std::string_view kUpdate =
    "UPDATE user_profiles SET name = $3, role = $4, updated_at = $5, version = $6"
    " WHERE id = $1 AND organization_id = $2";

Result<void> expect_one_row(Result<std::int64_t> changed) {
    if (!changed) return std::move(changed).error();
    if (*changed != 1) return Error{Errc::internal, "row_missing", "a user's row is missing"};
    return {};
}

}  // namespace

Result<std::optional<User>> UserStore::find(Read const& read, std::string_view id) const {
    return read.one<User>(kFind, {id, scope_.organization_id()});
}

Result<std::vector<User>> UserStore::list(Read const& read, std::string_view after, std::optional<Role> role,
                                          std::int64_t limit) const {
    if (role == Role::member) return read.all<User>(kListMembers, {scope_.organization_id(), after, limit});
    if (role) return read.all<User>(kListByRole, {scope_.organization_id(), after, limit, *role});
    return read.all<User>(kList, {scope_.organization_id(), after, limit});
}

Result<std::int64_t> UserStore::count_owners(Read const& read) const {
    auto count = read.one<std::int64_t>(
        "SELECT count(*) FROM user_profiles WHERE organization_id = $1 AND role = 'owner' AND role <> 'member'",
        {scope_.organization_id()});
    if (!count) return std::move(count).error();
    return **count;
}

Result<std::optional<std::string>> UserStore::account_of(Read const& read, std::string_view id) const {
    return read.one<std::string>(
        "SELECT account_id FROM user_profiles WHERE id = $1 AND organization_id = $2 AND account_id IS NOT NULL",
        {id, scope_.organization_id()});
}

Result<bool> UserStore::insert(Transaction const& tx, User const& user) const {
    auto inserted = tx.execute(kInsert, {user.id, scope_.organization_id(), user.email, user.name, user.role,
                                         user.created_at, user.updated_at, user.version});
    if (!inserted) return std::move(inserted).error();
    return *inserted == 1;
}

Result<void> UserStore::link_account(Transaction const& tx, std::string_view id, std::string_view account_id) const {
    return expect_one_row(tx.execute("UPDATE user_profiles SET account_id = $3 WHERE id = $1 AND organization_id = $2",
                                     {id, scope_.organization_id(), account_id}));
}

Result<void> UserStore::update(Transaction const& tx, User const& user) const {
    return expect_one_row(
        tx.execute(kUpdate, {user.id, scope_.organization_id(), user.name, user.role, user.updated_at, user.version}));
}

Result<void> UserStore::remove(Transaction const& tx, std::string_view id) const {
    return expect_one_row(
        tx.execute("DELETE FROM user_profiles WHERE id = $1 AND organization_id = $2", {id, scope_.organization_id()}));
}

}  // namespace nexpo::user

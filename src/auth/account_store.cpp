// SPDX-License-Identifier: Apache-2.0
#include "auth/account_store.hpp"

#include "store/scope_change.hpp"

namespace nexpo::auth {

namespace {

constexpr std::string_view kInsert =
    "INSERT INTO auth_accounts (id, email, password_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)"
    " ON CONFLICT (email) DO NOTHING";

}  // namespace

static StructType describe(Type<Account>) {
    return structure<Account>("Account", field("id", &Account::id), field("password_hash", &Account::password_hash));
}

Result<std::optional<Account>> AccountStore::find(Read const& read, std::string_view email) {
    return read.one<Account>("SELECT id, password_hash FROM auth_accounts WHERE email = $1", {email});
}

Result<bool> AccountStore::insert(Transaction const& tx, std::string_view id, std::string_view email,
                                  std::string_view password_hash, Timestamp now) {
    auto inserted = tx.execute(kInsert, {id, email, password_hash, now});
    if (!inserted) return std::move(inserted).error();
    return *inserted == 1;
}

Result<void> AccountStore::remove(Transaction const& tx, std::string_view id) {
    store::ScopeChange const across(tx, store::Scope::installation());
    auto sessions = tx.execute("DELETE FROM auth_sessions WHERE account_id = $1", {id});
    if (!sessions) return std::move(sessions).error();
    auto account = tx.execute("DELETE FROM auth_accounts WHERE id = $1", {id});
    if (!account) return std::move(account).error();
    return {};
}

}  // namespace nexpo::auth

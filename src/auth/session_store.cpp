// SPDX-License-Identifier: Apache-2.0
#include "auth/session_store.hpp"

#include "store/scope_change.hpp"

namespace nexpo::auth {

namespace {

constexpr std::string_view kFind =
    "SELECT id, account_id, organization_id, generation, created_at, refreshed_at, expires_at, ended_at"
    " FROM auth_sessions WHERE id = $1";

constexpr std::string_view kInsert =
    "INSERT INTO auth_sessions (id, account_id, organization_id, generation, created_at, refreshed_at, expires_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)";

constexpr std::string_view kUpdate =
    "UPDATE auth_sessions SET generation = $2, refreshed_at = $3, expires_at = $4 WHERE id = $1";

constexpr std::string_view kEnd = "UPDATE auth_sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";

constexpr std::string_view kRemoveIn = "DELETE FROM auth_sessions WHERE account_id = $1 AND organization_id = $2";

constexpr std::string_view kPrune =
    "DELETE FROM auth_sessions WHERE id IN (SELECT id FROM auth_sessions WHERE expires_at <= $1 ORDER BY expires_at"
    " LIMIT $2)";

Result<void> run(Transaction const& tx, std::string_view sql, std::initializer_list<SqlParam> params) {
    store::ScopeChange const across(tx, store::Scope::installation());
    auto changed = tx.execute(sql, params);
    if (!changed) return std::move(changed).error();
    return {};
}

}  // namespace

StructType describe(Type<Session>) {
    return structure<Session>("Session", field("id", &Session::id), field("account_id", &Session::account_id),
                              field("organization_id", &Session::organization_id),
                              field("generation", &Session::generation), field("created_at", &Session::created_at),
                              field("refreshed_at", &Session::refreshed_at), field("expires_at", &Session::expires_at),
                              field("ended_at", &Session::ended_at));
}

Result<std::optional<Session>> SessionStore::find(Read const& read, std::string_view id) {
    store::ScopeChange const across(read, store::Scope::installation());
    return read.one<Session>(kFind, {id});
}

Result<void> SessionStore::insert(Transaction const& tx, Session const& session) {
    return run(tx, kInsert,
               {session.id, session.account_id, session.organization_id, session.generation, session.created_at,
                session.refreshed_at, session.expires_at});
}

Result<void> SessionStore::update(Transaction const& tx, Session const& session) {
    return run(tx, kUpdate, {session.id, session.generation, session.refreshed_at, session.expires_at});
}

Result<void> SessionStore::end(Transaction const& tx, std::string_view id, Timestamp now) {
    return run(tx, kEnd, {id, now});
}

Result<void> SessionStore::remove_in(Transaction const& tx, std::string_view account_id,
                                     std::string_view organization_id) {
    return run(tx, kRemoveIn, {account_id, organization_id});
}

Result<std::int64_t> SessionStore::prune(Transaction const& tx, Timestamp now, std::int64_t most) {
    store::ScopeChange const across(tx, store::Scope::installation());
    return tx.execute(kPrune, {now, most});
}

}  // namespace nexpo::auth

// SPDX-License-Identifier: Apache-2.0
#include "auth/auth_service.hpp"

#include "auth/account_store.hpp"
#include "base/ascii.hpp"
#include "operation/call_state.hpp"

namespace nexpo::auth {

namespace {

/// A client that lost the answer may repeat a refresh for this long.
constexpr std::chrono::seconds kRefreshGrace{10};

Error credentials_invalid() {
    return {Errc::unauthenticated, "credentials_invalid", "the address or the password is wrong"};
}

Error refresh_token_invalid() {
    return {Errc::unauthenticated, "refresh_token_invalid", "the refresh token is not valid; sign in again"};
}

std::string text_of(Json const& jwk, std::string_view name) {
    auto const* member = jwk.find(name);
    auto const* text = member == nullptr ? nullptr : member->if_string();
    return text == nullptr ? std::string() : *text;
}

}  // namespace

Session AuthService::new_session(Call const& call, std::string_view account_id,
                                 std::string_view organization_id) const {
    return {.id = call.new_id("ses"),
            .account_id = std::string(account_id),
            .organization_id = std::string(organization_id),
            .created_at = call.now(),
            .refreshed_at = call.now(),
            .expires_at = call.now() + std::chrono::seconds(parts_.config.session_seconds)};
}

Result<Tokens> AuthService::tokens_for(Call const& call, Session const& session, std::string_view user_id) const {
    auto access_token = parts_.access_tokens.make({.account_id = session.account_id,
                                                   .organization_id = session.organization_id,
                                                   .session_id = session.id,
                                                   .token_id = call.new_id("tok")},
                                                  call.now());
    if (!access_token) return std::move(access_token).error();
    return Tokens{.access_token = std::move(*access_token),
                  .refresh_token = parts_.refresh_tokens.make({session.id, session.generation}),
                  .token_type = "Bearer",
                  .expires_in = parts_.access_tokens.lifetime_seconds(),
                  .user_id = std::string(user_id),
                  .organization_id = session.organization_id};
}

Reply<Tokens> AuthService::sign_up(Call& call, SignUp const& input) {
    if (!parts_.config.open_registration && call.caller().kind != CallerKind::system) {
        return Error{Errc::permission_denied, "registration_closed", "registration is closed"};
    }
    parts_.keys.refresh();
    auto hash = parts_.hasher.hash(input.password);
    if (!hash) return std::move(hash).error();
    Founder const founder{.account_id = call.new_id("acc"),
                          .email = base::to_lower(input.email),
                          .name = input.name,
                          .organization_name = input.organization.value_or("")};
    return call.write([this, &call, founder, hash = *hash](Transaction& tx) -> Result<Tokens> {
        auto inserted = AccountStore::insert(tx, founder.account_id, founder.email, hash, call.now());
        if (!inserted) return std::move(inserted).error();
        if (!*inserted) return Error{Errc::already_exists, "email_taken", "an account has this address"};
        auto membership = parts_.memberships.found(tx, founder, call.now());
        if (!membership) return std::move(membership).error();

        auto const session = new_session(call, founder.account_id, membership->organization_id);
        if (auto stored = SessionStore::insert(tx, session); !stored) return std::move(stored).error();
        tx.audit_organization(session.organization_id);
        tx.audit_target(founder.account_id);
        return tokens_for(call, session, membership->user_id);
    });
}

Reply<Tokens> AuthService::login(Call& call, Login const& input) {
    parts_.keys.refresh();
    auto account = call.read([&](Read& read) { return AccountStore::find(read, base::to_lower(input.email)); });
    if (!account) return std::move(account).error();
    // An unknown address costs the same time as a wrong password.
    auto const& hash = *account ? (*account)->password_hash : parts_.hasher.dummy_hash();
    auto const matches = parts_.hasher.verify(input.password, hash);
    if (!matches) return matches.error();
    if (!*account || !*matches) {
        auto const target = *account ? (*account)->id : std::string();
        return call.write([target](Transaction& tx) -> Result<Tokens> {
            tx.audit_target(target);
            return tx.refuse(credentials_invalid());
        });
    }

    auto const& account_id = (*account)->id;
    auto membership = call.read(
        [&](Read& read) { return parts_.memberships.find(read, account_id, input.organization.value_or("")); });
    if (!membership) return std::move(membership).error();
    if (!*membership) {
        return Error{Errc::permission_denied, "organization_not_joined", "the account is in no such organization"};
    }
    auto const session = new_session(call, account_id, (*membership)->organization_id);
    auto const tokens = tokens_for(call, session, (*membership)->user_id);
    if (!tokens) return tokens.error();
    return call.write([session, tokens = *tokens](Transaction& tx) -> Result<Tokens> {
        if (auto stored = SessionStore::insert(tx, session); !stored) return std::move(stored).error();
        tx.audit_organization(session.organization_id);
        tx.audit_target(session.account_id);
        return tokens;
    });
}

Reply<Tokens> AuthService::refresh(Call& call, nexpo::RefreshTokens const& input) {
    auto const presented = parts_.refresh_tokens.read(input.refresh_token.reveal());
    if (!presented) return refresh_token_invalid();

    parts_.keys.refresh();
    std::optional<Session> session;
    std::optional<Membership> membership;
    auto const looked = call.read([&](Read& read) -> Result<Empty> {
        auto found = SessionStore::find(read, presented->session_id);
        if (!found) return std::move(found).error();
        session = std::move(*found);
        if (!session || !session->is_open(call.now())) return refresh_token_invalid();
        auto member = parts_.memberships.find(read, session->account_id, session->organization_id);
        if (!member) return std::move(member).error();
        membership = std::move(*member);
        if (!membership) return refresh_token_invalid();
        return Empty{};
    });
    if (!looked) return looked.error();

    session->generation = presented->generation + 1;
    auto const successor = tokens_for(call, *session, membership->user_id);
    if (!successor) return successor.error();
    return call.write([this, &call, presented = *presented, successor = *successor](Transaction& tx) -> Result<Tokens> {
        auto found = SessionStore::find(tx, presented.session_id);
        if (!found) return std::move(found).error();
        if (!*found || !(*found)->is_open(call.now())) return refresh_token_invalid();
        auto current = std::move(**found);
        tx.audit_organization(current.organization_id);
        tx.audit_target(current.id);

        // Either way: a clock that is set back must not make the time longer.
        bool const just_now = std::chrono::abs(call.now() - current.refreshed_at) <= kRefreshGrace;
        bool const repeated = presented.generation + 1 == current.generation && just_now;
        if (repeated) return successor;
        if (presented.generation != current.generation) {
            // Somebody else has used this token: whoever of the two is the thief, the session is not safe any more
            // (RFC 9700 section 4.14.2).
            if (auto ended = SessionStore::end(tx, current.id, call.now()); !ended) return std::move(ended).error();
            tx.after_commit([this, account = current.account_id] { parts_.identifier.forget(account); });
            return tx.refuse({Errc::unauthenticated, "refresh_token_reused",
                              "the refresh token was used before, so its session has ended; sign in again"});
        }
        current.generation += 1;
        current.refreshed_at = call.now();
        current.expires_at = call.now() + std::chrono::seconds(parts_.config.session_seconds);
        if (auto stored = SessionStore::update(tx, current); !stored) return std::move(stored).error();
        return successor;
    });
}

Reply<Empty> AuthService::logout(Call& call, Logout const&) {
    auto const& caller = call.caller();
    if (caller.session_id.empty()) {
        return Error{Errc::failed_precondition, "no_session", "the call was not made with an access token"};
    }
    return call.write([this, &call, &caller](Transaction& tx) -> Result<Empty> {
        if (auto ended = SessionStore::end(tx, caller.session_id, call.now()); !ended) return std::move(ended).error();
        tx.audit_target(caller.session_id);
        tx.after_commit([this, account = caller.account_id] { parts_.identifier.forget(account); });
        return Empty{};
    });
}

Reply<TokenInfo> AuthService::validate(Call& call, ValidateToken const& input) {
    auto identity = parts_.identifier.identify(input.access_token.reveal(), operation::limits_of(call));
    if (!identity) {
        // RFC 7662 section 2.2: what is wrong with a token is nobody's business.
        if (identity.error().code == Errc::unauthenticated) return TokenInfo{};
        return std::move(identity).error();
    }
    auto const& [token, caller] = **identity;
    return TokenInfo{.active = true,
                     .token_type = "Bearer",
                     .iss = parts_.access_tokens.issuer(),
                     .sub = token.account_id,
                     .iat = token.issued_at,
                     .exp = token.expires_at,
                     .user_id = caller.user_id,
                     .organization_id = caller.organization_id,
                     .session_id = caller.session_id,
                     .role = caller.role};
}

Reply<JsonWebKeySet> AuthService::keys(Call&, GetKeys const&) {
    parts_.keys.refresh();
    JsonWebKeySet set;
    for (auto const& entry : parts_.access_tokens.ring().keys()->all) {
        auto const jwk = entry.key.public_jwk();
        auto& key = set.keys.emplace_back(JsonWebKey{.kty = text_of(jwk, "kty"),
                                                     .crv = text_of(jwk, "crv"),
                                                     .x = text_of(jwk, "x"),
                                                     .use = text_of(jwk, "use"),
                                                     .alg = text_of(jwk, "alg"),
                                                     .kid = text_of(jwk, "kid")});
        if (jwk.find("y") != nullptr) key.y = text_of(jwk, "y");
    }
    return set;
}

Reply<RotatedKeys> AuthService::rotate_keys(Call& call, RotateKeys const& input) {
    auto const fresh = parts_.keys.make_key();
    if (!fresh) return fresh.error();
    auto const old = input.revoke ? OldKeys::revoke : OldKeys::retire;
    return call.write([this, &call, fresh = *fresh, old](Transaction& tx) -> Result<RotatedKeys> {
        auto const key = parts_.keys.rotate(tx, fresh, old, call.now());
        if (!key) return key.error();
        tx.audit_target(key->key.key_id());
        return RotatedKeys{.kid = key->key.key_id(), .active_at = key->active_at};
    });
}

}  // namespace nexpo::auth

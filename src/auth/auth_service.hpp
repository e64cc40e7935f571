// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/access_token.hpp"
#include "auth/ports.hpp"
#include "auth/refresh_token.hpp"
#include "auth/session_store.hpp"
#include "auth/signing_key_keeper.hpp"
#include "auth/token_identifier.hpp"
#include "crypto/password_hasher.hpp"
#include "nexpo/auth.hpp"
#include "nexpo/operation.hpp"

namespace nexpo::auth {

/// What the service works with. The references outlive it.
struct AuthParts {
    AuthConfig config;
    crypto::PasswordHasher& hasher;
    SigningKeyKeeper const& keys;
    AccessTokens const& access_tokens;
    RefreshTokens const& refresh_tokens;
    TokenIdentifier& identifier;
    Memberships& memberships;
};

/// The rules of signing up, signing in and sessions. Thread-safe.
class AuthService {
 public:
    explicit AuthService(AuthParts parts) : parts_(std::move(parts)) {}

    Reply<Tokens> sign_up(Call& call, SignUp const& input);
    Reply<Tokens> login(Call& call, Login const& input);
    Reply<Tokens> refresh(Call& call, nexpo::RefreshTokens const& input);
    Reply<Empty> logout(Call& call, Logout const& input);
    Reply<TokenInfo> validate(Call& call, ValidateToken const& input);
    Reply<JsonWebKeySet> keys(Call& call, GetKeys const& input);
    Reply<RotatedKeys> rotate_keys(Call& call, RotateKeys const& input);

 private:
    Session new_session(Call const& call, std::string_view account_id, std::string_view organization_id) const;
    Result<Tokens> tokens_for(Call const& call, Session const& session, std::string_view user_id) const;

    AuthParts parts_;
};

/// Adds the rows of auth to the table.
void add_operations(OperationTable& table, AuthService& service);

std::vector<Migration> const& migrations();

}  // namespace nexpo::auth

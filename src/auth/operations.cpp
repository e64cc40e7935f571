// SPDX-License-Identifier: Apache-2.0
#include "auth/auth_service.hpp"
#include "nexpo/user.hpp"

namespace nexpo::auth {

void add_operations(OperationTable& table, AuthService& service) {
    table.add<SignUp, Tokens>(
        {.info = {.name = "auth.sign_up",
                  .summary = "Open an account with an organization of its own",
                  .description = "Off unless `auth.open_registration` is set.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /auth/register",
                  .access = Access::anyone,
                  .reasons = {{Errc::permission_denied, "registration_closed"},
                              {Errc::already_exists, "email_taken"},
                              {Errc::resource_exhausted, "sign_in_busy"}},
                  .emits = {event<UserEvent>("user.created", "users:read")},
                  .may_block = true,
                  .credentials = true,
                  .account_field = "email"},
         .handler = [&](Call& call, SignUp const& input) { return service.sign_up(call, input); }});
    table.add<Login, Tokens>({.info = {.name = "auth.login",
                                       .summary = "Sign in with an address and a password",
                                       .kind = OperationKind::mutation,
                                       .rest = "POST /auth/login",
                                       .access = Access::anyone,
                                       .reasons = {{Errc::unauthenticated, "credentials_invalid"},
                                                   {Errc::permission_denied, "organization_not_joined"},
                                                   {Errc::resource_exhausted, "sign_in_busy"}},
                                       .may_block = true,
                                       .credentials = true,
                                       .account_field = "email"},
                              .handler = [&](Call& call, Login const& input) { return service.login(call, input); }});
    table.add<nexpo::RefreshTokens, Tokens>(
        {.info = {.name = "auth.refresh",
                  .summary = "Exchange a refresh token for new tokens",
                  .description = "A refresh token works once. A repeat within ten seconds gets the same successor; a "
                                 "later one ends the session.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /auth/refresh",
                  .access = Access::anyone,
                  .reasons = {{Errc::unauthenticated, "refresh_token_invalid"},
                              {Errc::unauthenticated, "refresh_token_reused"}},
                  .credentials = true},
         .handler = [&](Call& call, nexpo::RefreshTokens const& input) { return service.refresh(call, input); }});
    table.add<Logout, Empty>({.info = {.name = "auth.logout",
                                       .summary = "End the session",
                                       .description = "Its access and refresh tokens are refused at once.",
                                       .kind = OperationKind::mutation,
                                       .rest = "POST /auth/logout",
                                       .access = Access::signed_in,
                                       .reasons = {{Errc::failed_precondition, "no_session"}}},
                              .handler = [&](Call& call, Logout const& input) { return service.logout(call, input); }});
    table.add<ValidateToken, TokenInfo>(
        {.info = {.name = "auth.validate",
                  .summary = "Say whether an access token is good, and whose it is",
                  .rest = "POST /auth/validate",
                  .access = Access::anyone},
         .handler = [&](Call& call, ValidateToken const& input) { return service.validate(call, input); }});
    table.add<GetKeys, JsonWebKeySet>(
        {.info = {.name = "auth.keys",
                  .summary = "Get the public keys that verify access tokens",
                  .rest = "GET /.well-known/jwks.json",
                  .access = Access::anyone},
         .handler = [&](Call& call, GetKeys const& input) { return service.keys(call, input); }});
    table.add<RotateKeys, RotatedKeys>(
        {.info = {.name = "auth.rotate_keys",
                  .summary = "Replace the key that signs access tokens",
                  .description = "The new key is published now and signs after `auth.signing_key_publish_seconds`; the "
                                 "old one verifies until its last token has expired.",
                  .kind = OperationKind::mutation,
                  .access = Access::system},
         .handler = [&](Call& call, RotateKeys const& input) { return service.rotate_keys(call, input); }});
}

}  // namespace nexpo::auth

// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Sign-up, sign-in and sessions.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/page.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

/// Input of `auth.sign_up` (`POST /auth/register`).
struct SignUp {
    std::string email{};                        ///< Required; no other account has it.
    Secret password{};                          ///< Required; 8 to 1,024 characters.
    std::string name{};                         ///< One line of at most 200 characters.
    std::optional<std::string> organization{};  ///< Name of the new organization; made up when absent.
};

/// Input of `auth.login`.
struct Login {
    std::string email{};                        ///< The account's address.
    Secret password{};                          ///< The account's password.
    std::optional<std::string> organization{};  ///< Slug or id; the oldest membership when absent.
};

/// Input of `auth.refresh`.
struct RefreshTokens {
    Secret refresh_token{};  ///< From the last answer; works once.
};

/// Input of `auth.logout`.
struct Logout {};

/// Input of `auth.validate`.
struct ValidateToken {
    Secret access_token{};  ///< The token in question.
};

/// A signed-in session's credentials, with the field names of OAuth 2 (RFC 6749 section 5.1).
struct Tokens {
    std::string access_token{};     ///< Send it as `Authorization: Bearer …`.
    std::string refresh_token{};    ///< Exchange it once for new tokens.
    std::string token_type{};       ///< Always `Bearer`.
    std::int64_t expires_in = 0;    ///< Life of the access token in seconds.
    std::string user_id{};          ///< `usr_…`, the profile in the organization.
    std::string organization_id{};  ///< `org_…`, the organization signed in to.
};

/// What is known of a token, with the field names of OAuth 2 token introspection (RFC 7662 section 2.2).
struct TokenInfo {
    bool active = false;                           ///< The token is genuine, in time, and its session not ended.
    std::optional<std::string> token_type{};       ///< `Bearer`.
    std::optional<std::string> iss{};              ///< The issuer.
    std::optional<std::string> sub{};              ///< `acc_…`, the account.
    std::optional<std::int64_t> iat{};             ///< Issued at, in seconds since 1970.
    std::optional<std::int64_t> exp{};             ///< Expires at, in seconds since 1970.
    std::optional<std::string> user_id{};          ///< `usr_…`
    std::optional<std::string> organization_id{};  ///< `org_…`
    std::optional<std::string> session_id{};       ///< `ses_…`
    std::optional<std::string> role{};             ///< The role at this moment.
};

/// Input of `auth.keys`.
struct GetKeys {};

/// One public key (RFC 7517, RFC 7518 section 6.2, RFC 8037 section 2).
struct JsonWebKey {
    std::string kty{};               ///< Key type, `EC` or `OKP`.
    std::string crv{};               ///< Curve, `P-256` or `Ed25519`.
    std::string x{};                 ///< Coordinate, or the whole public key of Ed25519.
    std::optional<std::string> y{};  ///< Coordinate; none for Ed25519.
    std::string use{};               ///< `sig`.
    std::string alg{};               ///< `ES256` or `EdDSA`.
    std::string kid{};               ///< Key id.
};

/// The keys that sign access tokens (RFC 7517 section 5).
struct JsonWebKeySet {
    std::vector<JsonWebKey> keys{};  ///< The one that signs, those that will, and those whose tokens are still good.
};

/// Input of `auth.rotate_keys`.
struct RotateKeys {
    bool revoke = false;  ///< The old keys have leaked: the new one signs at once, tokens of the old ones are refused.
};

/// The key that signs next.
struct RotatedKeys {
    std::string kid{};      ///< Key id.
    Timestamp active_at{};  ///< It signs from then on.
};

NEXPO_API StructType describe(Type<SignUp>);         ///< Description.
NEXPO_API StructType describe(Type<Login>);          ///< Description.
NEXPO_API StructType describe(Type<RefreshTokens>);  ///< Description.
NEXPO_API StructType describe(Type<Logout>);         ///< Description.
NEXPO_API StructType describe(Type<ValidateToken>);  ///< Description.
NEXPO_API StructType describe(Type<Tokens>);         ///< Description.
NEXPO_API StructType describe(Type<TokenInfo>);      ///< Description.
NEXPO_API StructType describe(Type<GetKeys>);        ///< Description.
NEXPO_API StructType describe(Type<JsonWebKey>);     ///< Description.
NEXPO_API StructType describe(Type<JsonWebKeySet>);  ///< Description.
NEXPO_API StructType describe(Type<RotateKeys>);     ///< Description.
NEXPO_API StructType describe(Type<RotatedKeys>);    ///< Description.

/// Sign-up, sign-in and sessions. Cheap to copy and safe to share between threads.
/// Every method also fails with: invalid_argument (`validation_failed`), resource_exhausted (`rate_limited`,
/// `sign_in_busy`), deadline_exceeded, cancelled, unavailable.
class NEXPO_API Auth {
 public:
    /// Opens an account with an organization of its own and signs in to it. Blocks while the password is hashed.
    /// Errors: permission_denied (`registration_closed`), already_exists (`email_taken`).
    Result<Tokens> sign_up(SignUp const& input) const;
    /// Signs in. Blocks while the password is checked. Errors: unauthenticated (`credentials_invalid`).
    Result<Tokens> login(Login const& input) const;
    /// Exchanges a refresh token for new tokens. A repeat within ten seconds gets the same refresh token again; a later
    /// one ends the session. Errors: unauthenticated (`refresh_token_invalid`, `refresh_token_reused`).
    Result<Tokens> refresh(RefreshTokens const& input) const;
    /// Ends the caller's session: its access and refresh tokens are refused from now on. Errors: unauthenticated,
    /// failed_precondition (`no_session`), permission_denied (`account_required`) for programs with an API key.
    Result<void> logout() const;
    /// Says whether an access token is good, and whose it is.
    Result<TokenInfo> validate(ValidateToken const& input) const;
    /// The public keys that verify access tokens.
    Result<JsonWebKeySet> keys() const;
    /// Replaces the key that signs access tokens; for the embedding application. Repeated while a new key is about to
    /// sign, it answers that one. Errors: permission_denied.
    Result<RotatedKeys> rotate_keys(RotateKeys const& input) const;

    /// Made by `Api::auth`.
    explicit Auth(std::shared_ptr<ApiState const> state) noexcept;

 private:
    std::shared_ptr<ApiState const> state_;
};

}  // namespace nexpo::inline v1

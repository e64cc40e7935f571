// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auth/signing_key_ring.hpp"
#include "crypto/claims.hpp"
#include "crypto/signing_key.hpp"
#include "nexpo/config.hpp"
#include "nexpo/json.hpp"

namespace nexpo::auth {

/// What an access token says (RFC 9068 section 2.2). The role is not in it: it is read per call.
struct AccessToken {
    std::string account_id{};
    std::string organization_id{};
    std::string session_id{};
    std::string token_id{};
    std::int64_t issued_at = 0;   ///< Seconds since 1970.
    std::int64_t expires_at = 0;  ///< Seconds since 1970.
};

/// Signs and verifies our own access tokens. Thread-safe.
class AccessTokens {
 public:
    AccessTokens(std::shared_ptr<SigningKeyRing> ring, AuthConfig const& config);
    /// With one key for ever.
    AccessTokens(crypto::SigningKey key, AuthConfig const& config);

    /// A signed token that lives for `auth.access_token_seconds`. Errors: unavailable (`signing_key_missing`).
    Result<std::string> make(AccessToken token, Timestamp now) const;
    /// Errors: unauthenticated (`token_invalid`, `token_expired`).
    Result<AccessToken> read(std::string_view text, Timestamp now, crypto::TokenFault* fault) const;

    SigningKeyRing const& ring() const noexcept { return *ring_; }
    std::int64_t lifetime_seconds() const noexcept { return lifetime_seconds_; }
    std::string const& issuer() const noexcept { return rules_.issuer; }

 private:
    std::shared_ptr<SigningKeyRing> ring_;
    crypto::ClaimRules rules_;
    std::int64_t lifetime_seconds_;
};

}  // namespace nexpo::auth

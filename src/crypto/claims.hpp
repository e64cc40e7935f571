// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "crypto/token_fault.hpp"
#include "nexpo/json.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"

namespace nexpo::crypto {

/// What the claims of a token must say.
struct ClaimRules {
    std::string issuer{};
    std::string audience{};
    std::chrono::seconds leeway{30};  ///< For clocks that differ; held to 0 to 60 s.
};

/// Checks the claims of a verified token (RFC 7519 section 4.1, RFC 9068 section 4): `exp` is required and has not
/// passed, `nbf` has, `iat` does not lie ahead, `iss` is the issuer exactly, `aud` is or contains the audience, `sub`
/// is there. Errors: unauthenticated, with reason `token_expired` when that is all that is wrong, else `token_invalid`;
/// `detail`, when given, gets the reason for the log. Thread-safe.
Result<void> check_claims(Json const& claims, ClaimRules const& rules, Timestamp now, TokenFault* detail = nullptr);

}  // namespace nexpo::crypto

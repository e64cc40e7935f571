// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/verification_key.hpp"
#include "nexpo/json.hpp"
#include "nexpo/result.hpp"

namespace nexpo::crypto {

struct JwkOptions {
    /// What an RSA key is pinned to that does not say; some publishers leave `alg` out.
    JwsAlgorithm rsa_algorithm = JwsAlgorithm::rs256;
    /// Shared secrets (`oct`) have no place among published keys.
    bool allow_secrets = false;
};

/// The public key, or the shared secret, of a JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2), pinned
/// to its `alg` or to the one algorithm that its kind has. Without `kid` it is named by its thumbprint (RFC 7638).
/// Errors, invalid_argument: `jwk_unsupported` for what is well formed but not for us (another kind, curve, algorithm
/// or use), `jwk_malformed` for what breaks the rules of its own kind, or gives a private key away.
Result<VerificationKey> read_jwk(Json const& jwk, JwkOptions const& options);

}  // namespace nexpo::crypto

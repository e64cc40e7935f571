// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "crypto/signing_key.hpp"
#include "nexpo/json.hpp"
#include "nexpo/result.hpp"

namespace nexpo::crypto {

struct JwkOptions;

/// Verifies the tokens of one key with one algorithm, whatever a token asks for: this is what keeps a public key from
/// being used as an HMAC secret (RFC 8725 section 2.1). Thread-safe; copies share the key.
class VerificationKey {
 public:
    explicit VerificationKey(SigningKey const& key);

    /// A public key as a JWK, see `read_jwk`. Errors: invalid_argument (`jwk_unsupported`, `jwk_malformed`).
    static Result<VerificationKey> from_jwk(Json const& jwk);

    JwsAlgorithm algorithm() const noexcept;
    std::string const& key_id() const noexcept;

    /// Whether `signature` (raw bytes) is this key's over `signing_input`, the token's first two segments as received.
    bool verify(std::string_view signing_input, std::string_view signature) const;

 private:
    friend Result<VerificationKey> read_jwk(Json const& jwk, JwkOptions const& options);
    using Material = SigningKey::Material;

    explicit VerificationKey(std::shared_ptr<Material const> material) noexcept;

    std::shared_ptr<Material const> material_;
};

}  // namespace nexpo::crypto

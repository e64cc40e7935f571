// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "nexpo/json.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"

namespace nexpo::crypto {

/// The algorithms we sign with (RFC 7518 section 3.1).
enum class JwsAlgorithm : std::uint8_t { es256, hs256 };

/// The name in a token's header, for example `ES256`.
std::string_view to_string(JwsAlgorithm algorithm) noexcept;

/// Signs tokens with one algorithm. Thread-safe; copies share the key.
class SigningKey {
 public:
    /// A fresh P-256 key. Errors: internal.
    static Result<SigningKey> generate_es256();

    /// A P-256 key in PKCS #8, as `private_der` gives it. Errors: invalid_argument with reason `signing_key_invalid`.
    static Result<SigningKey> from_private_der(std::string_view der);

    /// A shared secret of at least 32 bytes (RFC 7518 section 3.2) under a configured id.
    /// Errors: invalid_argument with reason `signing_key_invalid`.
    static Result<SigningKey> hs256(Secret const& secret, std::string key_id);

    JwsAlgorithm algorithm() const noexcept;

    /// What `kid` says: the thumbprint (RFC 7638) of an ES256 key, the configured id of an HS256 key.
    std::string const& key_id() const noexcept;

    /// The private key in PKCS #8; empty for HS256. To be sealed before it is stored.
    Secret private_der() const;

    /// The public half as a JWK (RFC 7517); null for HS256, which has none.
    Json public_jwk() const;

    /// The claims as a compact JWS (RFC 7515 section 3.1) with `typ` in its header, for example `at+jwt`.
    std::string sign(Json const& claims, std::string_view typ) const;

 private:
    friend class VerificationKey;
    struct Material;

    explicit SigningKey(std::shared_ptr<Material const> material) noexcept;

    std::shared_ptr<Material const> material_;
};

}  // namespace nexpo::crypto

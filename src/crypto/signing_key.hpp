// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "crypto/jws_algorithm.hpp"
#include "nexpo/json.hpp"
#include "nexpo/result.hpp"
#include "nexpo/secret.hpp"

namespace nexpo::crypto {

class VerificationKey;
struct JwkOptions;

/// Signs tokens with one algorithm. Thread-safe; copies share the key.
class SigningKey {
 public:
    /// A fresh key for ES256 or EdDSA. Errors: internal; invalid_argument for another algorithm.
    static Result<SigningKey> generate(JwsAlgorithm algorithm);
    static Result<SigningKey> generate_es256() { return generate(JwsAlgorithm::es256); }

    /// A private key in PKCS #8, as `private_der` gives it, under its thumbprint (RFC 7638).
    /// Errors: invalid_argument with reason `signing_key_invalid`.
    static Result<SigningKey> from_private_der(std::string_view der, JwsAlgorithm algorithm);

    /// A private key in PEM: PKCS #8, SEC 1 or PKCS #1, not encrypted. An empty id stands for the thumbprint.
    /// Errors: invalid_argument with reason `signing_key_invalid`.
    static Result<SigningKey> from_pem(Secret const& pem, JwsAlgorithm algorithm, std::string key_id);

    /// A shared secret of at least 32 bytes (RFC 7518 section 3.2) under a configured id.
    /// Errors: invalid_argument with reason `signing_key_invalid`.
    static Result<SigningKey> hs256(Secret const& secret, std::string key_id);

    JwsAlgorithm algorithm() const noexcept;

    /// What `kid` says.
    std::string const& key_id() const noexcept;

    /// The private key in PKCS #8; empty for HS256. To be sealed before it is stored.
    Secret private_der() const;

    /// The public half as a JWK (RFC 7517); null for HS256, which has none.
    Json public_jwk() const;

    /// The bare signature of the algorithm over any data.
    std::string sign_data(std::string_view data) const;

    /// The claims as a compact JWS (RFC 7515 section 3.1) with `typ` in its header, for example `at+jwt`.
    std::string sign(Json const& claims, std::string_view typ) const;

 private:
    friend class VerificationKey;
    friend Result<VerificationKey> read_jwk(Json const& jwk, JwkOptions const& options);
    struct Material;

    explicit SigningKey(std::shared_ptr<Material const> material) noexcept;

    std::shared_ptr<Material const> material_;
};

}  // namespace nexpo::crypto

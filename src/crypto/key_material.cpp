// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_material.hpp"

#include <utility>

#include "base/base64.hpp"

namespace nexpo::crypto {
namespace {

/// RFC 7638 section 3: the hash of the required members in this order and spelling.
std::string thumbprint(EcPoint const& point) {
    return base::base64url_encode(sha256(R"({"crv":"P-256","kty":"EC","x":")" + base::base64url_encode(point.x) +
                                         R"(","y":")" + base::base64url_encode(point.y) + R"("})"));
}

}  // namespace

SigningKey::Material::Material(PkeyPtr key)
    : algorithm(JwsAlgorithm::es256),
      key_id(thumbprint(point_of(key.get()))),
      ec(std::move(key)),
      ec_signer(p256_signer(ec.get())),
      ec_verifier(p256_verifier(ec.get())) {}

SigningKey::Material::Material(HmacKey key, std::string id)
    : algorithm(JwsAlgorithm::hs256), key_id(std::move(id)), hmac(std::move(key)) {}

}  // namespace nexpo::crypto

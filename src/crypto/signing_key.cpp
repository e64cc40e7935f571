// SPDX-License-Identifier: Apache-2.0
#include "crypto/signing_key.hpp"

#include <utility>

#include "base/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/ec_key.hpp"
#include "crypto/key_material.hpp"

namespace nexpo::crypto {
namespace {

constexpr std::size_t kLeastSecret = 32;

Error invalid_key(char const* message) {
    return {.code = Errc::invalid_argument, .reason = "signing_key_invalid", .message = message};
}

}  // namespace

std::string_view to_string(JwsAlgorithm algorithm) noexcept {
    switch (algorithm) {
        case JwsAlgorithm::es256:
            return "ES256";
        case JwsAlgorithm::hs256:
            return "HS256";
    }
    return "unknown";
}

SigningKey::SigningKey(std::shared_ptr<Material const> material) noexcept : material_(std::move(material)) {}

Result<SigningKey> SigningKey::generate_es256() {
    auto key = generate_p256();
    if (key == nullptr) {
        return Error{.code = Errc::internal, .reason = "crypto_failed", .message = "No signing key could be made."};
    }
    return SigningKey(std::make_shared<Material const>(std::move(key)));
}

Result<SigningKey> SigningKey::from_private_der(std::string_view der) {
    auto key = p256_from_private_der(der);
    if (key == nullptr) return invalid_key("The signing key is not a P-256 private key in PKCS #8.");
    return SigningKey(std::make_shared<Material const>(std::move(key)));
}

Result<SigningKey> SigningKey::hs256(Secret const& secret, std::string key_id) {
    if (secret.reveal().size() < kLeastSecret) return invalid_key("An HS256 secret needs at least 32 bytes.");
    if (key_id.empty()) return invalid_key("An HS256 secret needs a key id.");
    return SigningKey(std::make_shared<Material const>(HmacKey(bytes_of(secret.reveal())), std::move(key_id)));
}

JwsAlgorithm SigningKey::algorithm() const noexcept {
    return material_->algorithm;
}

std::string const& SigningKey::key_id() const noexcept {
    return material_->key_id;
}

Secret SigningKey::private_der() const {
    if (material_->ec == nullptr) return {};
    return Secret(private_der_of(material_->ec.get()));
}

Json SigningKey::public_jwk() const {
    if (material_->ec == nullptr) return {};
    auto const point = point_of(material_->ec.get());
    return Json::Object{{"kty", "EC"},
                        {"use", "sig"},
                        {"alg", to_string(algorithm())},
                        {"kid", key_id()},
                        {"crv", "P-256"},
                        {"x", base::base64url_encode(point.x)},
                        {"y", base::base64url_encode(point.y)}};
}

std::string SigningKey::sign(Json const& claims, std::string_view typ) const {
    auto const header = Json(Json::Object{{"alg", to_string(algorithm())}, {"kid", key_id()}, {"typ", typ}}).dump();
    auto token = base::base64url_encode(header);
    token.push_back('.');
    token += base::base64url_encode(claims.dump());
    auto const signature = material_->ec != nullptr
                               ? base::base64url_encode(p256_sign(material_->ec_signer.get(), token))
                               : base::base64url_encode(material_->hmac->sign(token));
    token.push_back('.');
    token += signature;
    return token;
}

}  // namespace nexpo::crypto

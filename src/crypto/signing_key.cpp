// SPDX-License-Identifier: Apache-2.0
#include "crypto/signing_key.hpp"

#include <utility>

#include "base/base64.hpp"
#include "crypto/ec_key.hpp"
#include "crypto/ed25519_key.hpp"
#include "crypto/key_material.hpp"
#include "crypto/private_key.hpp"

namespace nexpo::crypto {
namespace {

constexpr std::size_t kLeastSecret = 32;

Error invalid_key(std::string message) {
    return {.code = Errc::invalid_argument, .reason = "signing_key_invalid", .message = std::move(message)};
}

std::string kind_of_key(JwsAlgorithm algorithm) {
    switch (algorithm) {
        case JwsAlgorithm::es256:
            return "a P-256 key";
        case JwsAlgorithm::eddsa:
            return "an Ed25519 key";
        case JwsAlgorithm::rs256:
        case JwsAlgorithm::ps256:
            return "an RSA key of 2048 to 8192 bits";
        case JwsAlgorithm::hs256:
            break;
    }
    return "a shared secret";
}

Error unfit(JwsAlgorithm algorithm) {
    return invalid_key("The signing key for " + std::string(to_string(algorithm)) + " must be " +
                       kind_of_key(algorithm) + ", private, whole and not encrypted.");
}

}  // namespace

SigningKey::SigningKey(std::shared_ptr<Material const> material) noexcept : material_(std::move(material)) {}

Result<SigningKey> SigningKey::generate(JwsAlgorithm algorithm) {
    bool const possible = algorithm == JwsAlgorithm::es256 || algorithm == JwsAlgorithm::eddsa;
    if (!possible) return invalid_key("Signing keys are made for ES256 and EdDSA only.");
    auto key = algorithm == JwsAlgorithm::eddsa ? generate_ed25519() : generate_p256();
    if (key == nullptr) {
        return Error{.code = Errc::internal, .reason = "crypto_failed", .message = "No signing key could be made."};
    }
    return SigningKey(std::make_shared<Material const>(std::move(key), algorithm, true, std::string()));
}

Result<SigningKey> SigningKey::from_private_der(std::string_view der, JwsAlgorithm algorithm) {
    auto material = Material::adopt(private_key_from_der(der), algorithm, {});
    if (material == nullptr) return unfit(algorithm);
    return SigningKey(std::move(material));
}

Result<SigningKey> SigningKey::from_pem(Secret const& pem, JwsAlgorithm algorithm, std::string key_id) {
    auto material = Material::adopt(private_key_from_pem(pem.reveal()), algorithm, std::move(key_id));
    if (material == nullptr) return unfit(algorithm);
    return SigningKey(std::move(material));
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
    if (material_->pkey == nullptr) return {};
    return Secret(private_der_of(material_->pkey.get()));
}

Json SigningKey::public_jwk() const {
    if (material_->pkey == nullptr) return {};
    auto members = public_members(material_->pkey.get());
    Json jwk(Json::Object{{"kty", *members.find("kty")}, {"use", "sig"}, {"alg", to_string(algorithm())}});
    jwk.set("kid", key_id());
    for (auto& [name, value] : *members.if_object()) jwk.set(name, std::move(value));
    return jwk;
}

std::string SigningKey::sign_data(std::string_view data) const {
    return material_->sign(data);
}

std::string SigningKey::sign(Json const& claims, std::string_view typ) const {
    auto const header = Json(Json::Object{{"alg", to_string(algorithm())}, {"kid", key_id()}, {"typ", typ}}).dump();
    auto token = base::base64url_encode(header);
    token.push_back('.');
    token += base::base64url_encode(claims.dump());
    auto const signature = base::base64url_encode(material_->sign(token));
    token.push_back('.');
    token += signature;
    return token;
}

}  // namespace nexpo::crypto

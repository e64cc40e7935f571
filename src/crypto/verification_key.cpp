// SPDX-License-Identifier: Apache-2.0
#include "crypto/verification_key.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/ec_key.hpp"
#include "crypto/key_material.hpp"

namespace nexpo::crypto {
namespace {

bool is_text(Json const& value, std::string_view text) {
    auto const* found = value.if_string();
    return found != nullptr && *found == text;
}

bool absent_or(Json const* value, std::string_view text) {
    return value == nullptr || is_text(*value, text);
}

bool may_verify(Json const* operations) {
    if (operations == nullptr) return true;
    auto const* list = operations->if_array();
    return list != nullptr && std::ranges::any_of(*list, [](Json const& entry) { return is_text(entry, "verify"); });
}

std::string coordinate(Json const* value) {
    auto const* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? base::base64url_decode(*text).value_or("") : "";
}

}  // namespace

VerificationKey::VerificationKey(std::shared_ptr<Material const> material) noexcept : material_(std::move(material)) {}

VerificationKey::VerificationKey(SigningKey const& key) : material_(key.material_) {}

Result<VerificationKey> VerificationKey::from_jwk(Json const& jwk) {
    Error const invalid{.code = Errc::invalid_argument,
                        .reason = "verification_key_invalid",
                        .message = "The key is not a P-256 public key for ES256 as a JWK."};
    auto const* kty = jwk.find("kty");
    auto const* crv = jwk.find("crv");
    auto const* kid = jwk.find("kid");
    if (kty == nullptr || !is_text(*kty, "EC") || crv == nullptr || !is_text(*crv, "P-256")) return invalid;
    if (!absent_or(jwk.find("alg"), "ES256") || !absent_or(jwk.find("use"), "sig")) return invalid;
    if (!may_verify(jwk.find("key_ops")) || (kid != nullptr && kid->if_string() == nullptr)) return invalid;
    auto key = p256_from_point({.x = coordinate(jwk.find("x")), .y = coordinate(jwk.find("y"))});
    if (key == nullptr) return invalid;
    auto material = std::make_shared<Material>(std::move(key));
    if (kid != nullptr) material->key_id = *kid->if_string();
    return VerificationKey(std::move(material));
}

JwsAlgorithm VerificationKey::algorithm() const noexcept {
    return material_->algorithm;
}

std::string const& VerificationKey::key_id() const noexcept {
    return material_->key_id;
}

bool VerificationKey::verify(std::string_view signing_input, std::string_view signature) const {
    switch (material_->algorithm) {
        case JwsAlgorithm::es256:
            return p256_verify(material_->ec_verifier.get(), signing_input, signature);
        case JwsAlgorithm::hs256:
            return constant_time_equal(text_of(material_->hmac->sign(signing_input)), signature);
    }
    return false;
}

}  // namespace nexpo::crypto

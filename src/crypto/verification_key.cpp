// SPDX-License-Identifier: Apache-2.0
#include "crypto/verification_key.hpp"

#include <utility>

#include "crypto/jwk.hpp"
#include "crypto/key_material.hpp"

namespace nexpo::crypto {

VerificationKey::VerificationKey(std::shared_ptr<Material const> material) noexcept : material_(std::move(material)) {}

VerificationKey::VerificationKey(SigningKey const& key) : material_(key.material_) {}

Result<VerificationKey> VerificationKey::from_jwk(Json const& jwk) {
    return read_jwk(jwk, {});
}

JwsAlgorithm VerificationKey::algorithm() const noexcept {
    return material_->algorithm;
}

std::string const& VerificationKey::key_id() const noexcept {
    return material_->key_id;
}

bool VerificationKey::verify(std::string_view signing_input, std::string_view signature) const {
    return material_->verify(signing_input, signature);
}

}  // namespace nexpo::crypto

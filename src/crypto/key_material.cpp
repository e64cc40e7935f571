// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_material.hpp"

#include <utility>

#include "base/base64.hpp"
#include "crypto/ec_key.hpp"
#include "crypto/ed25519_key.hpp"
#include "crypto/rsa_key.hpp"

namespace nexpo::crypto {

using base::base64url_encode;

Json public_members(EVP_PKEY const* key) {
    if (is_ed25519(key)) {
        return Json::Object{{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", base64url_encode(ed25519_public_of(key))}};
    }
    if (is_p256(key)) {
        auto const point = point_of(key);
        return Json::Object{
            {"crv", "P-256"}, {"kty", "EC"}, {"x", base64url_encode(point.x)}, {"y", base64url_encode(point.y)}};
    }
    auto const numbers = rsa_numbers_of(key);
    return Json::Object{{"e", base64url_encode(numbers.e)}, {"kty", "RSA"}, {"n", base64url_encode(numbers.n)}};
}

bool SigningKey::Material::fits(EVP_PKEY const* key, JwsAlgorithm algorithm) {
    switch (algorithm) {
        case JwsAlgorithm::es256:
            return is_p256(key);
        case JwsAlgorithm::eddsa:
            return is_ed25519(key);
        case JwsAlgorithm::rs256:
        case JwsAlgorithm::ps256:
            return is_sound_rsa(key);
        case JwsAlgorithm::hs256:
            break;
    }
    return false;
}

std::shared_ptr<SigningKey::Material const> SigningKey::Material::adopt(PkeyPtr key, JwsAlgorithm algorithm,
                                                                        std::string id) try {
    ErrorScope const errors;
    if (key == nullptr || !fits(key.get(), algorithm)) return nullptr;
    auto material = std::make_shared<Material const>(std::move(key), algorithm, true, std::move(id));
    constexpr std::string_view kProbe = "nexpo";
    return material->verify(kProbe, material->sign(kProbe)) ? material : nullptr;
} catch (Exception const&) {
    return nullptr;  // OpenSSL could not even sign: the numbers of the key do not belong together.
}

SigningKey::Material::Material(PkeyPtr key, JwsAlgorithm algorithm, bool is_private, std::string id)
    : algorithm(algorithm), key_id(std::move(id)), pkey(std::move(key)) {
    if (key_id.empty()) key_id = base64url_encode(sha256(public_members(pkey.get()).dump()));
    if (algorithm == JwsAlgorithm::eddsa) {
        eddsa_verifier = ed25519_verifier(pkey.get());
        if (is_private) eddsa_signer = ed25519_signer(pkey.get());
    } else if (algorithm == JwsAlgorithm::es256) {
        verifier.emplace(p256_verifier(pkey.get()));
        if (is_private) signer.emplace(p256_signer(pkey.get()));
    } else {
        auto const padding = algorithm == JwsAlgorithm::ps256 ? RsaPadding::pss : RsaPadding::pkcs1;
        verifier.emplace(rsa_verifier(pkey.get(), padding));
        if (is_private) signer.emplace(rsa_signer(pkey.get(), padding));
    }
}

SigningKey::Material::Material(HmacKey key, std::string id)
    : algorithm(JwsAlgorithm::hs256), key_id(std::move(id)), hmac(std::move(key)) {}

std::string SigningKey::Material::sign(std::string_view data) const {
    switch (algorithm) {
        case JwsAlgorithm::es256:
            return p256_sign(*signer, data);
        case JwsAlgorithm::eddsa:
            return ed25519_sign(eddsa_signer.get(), data);
        case JwsAlgorithm::rs256:
        case JwsAlgorithm::ps256:
            return rsa_sign(*signer, data);
        case JwsAlgorithm::hs256:
            break;
    }
    return std::string(text_of(hmac->sign(data)));
}

bool SigningKey::Material::verify(std::string_view data, std::string_view signature) const {
    switch (algorithm) {
        case JwsAlgorithm::es256:
            return p256_verify(*verifier, data, signature);
        case JwsAlgorithm::eddsa:
            return ed25519_verify(eddsa_verifier.get(), data, signature);
        case JwsAlgorithm::rs256:
        case JwsAlgorithm::ps256:
            return rsa_verify(*verifier, data, signature);
        case JwsAlgorithm::hs256:
            break;
    }
    return constant_time_equal(text_of(hmac->sign(data)), signature);
}

}  // namespace nexpo::crypto

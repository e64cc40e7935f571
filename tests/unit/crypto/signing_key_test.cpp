// SPDX-License-Identifier: Apache-2.0
#include "crypto/signing_key.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/base64.hpp"
#include "crypto/jws.hpp"
#include "crypto/openssl.hpp"
#include "crypto/verification_key.hpp"

namespace nexpo::crypto {
namespace {

/// The public key of RFC 7515 appendix A.3.
Json rfc7515_jwk() {
    return Json::Object{{"kty", "EC"},
                        {"crv", "P-256"},
                        {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                        {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
}

Json with(Json jwk, std::string_view name, Json value) {
    jwk.set(name, std::move(value));
    return jwk;
}

TEST(SigningKey, SurvivesItsPrivateForm) {
    auto const key = SigningKey::generate_es256().value();
    auto const restored = SigningKey::from_private_der(key.private_der().reveal(), JwsAlgorithm::es256).value();
    EXPECT_EQ(restored.algorithm(), JwsAlgorithm::es256);
    EXPECT_EQ(restored.key_id(), key.key_id());
    VerificationKey const keys[] = {VerificationKey(key)};
    EXPECT_TRUE(verify_jws(restored.sign(Json::Object{{"sub", "a"}}, "at+jwt"), keys, {}));
    EXPECT_NE(SigningKey::generate_es256().value().key_id(), key.key_id());
}

TEST(SigningKey, RefusesDamagedPrivateForms) {
    auto const der = SigningKey::generate_es256().value().private_der();
    std::string const good(der.reveal());
    auto other_scalar = good;
    other_scalar[40] = static_cast<char>(other_scalar[40] ^ 1);
    for (auto const& text : {std::string(), std::string("-----BEGIN PRIVATE KEY-----"), good.substr(0, good.size() - 1),
                             good + '\0', good.substr(1), other_scalar}) {
        auto const key = SigningKey::from_private_der(text, JwsAlgorithm::es256);
        ASSERT_FALSE(key);
        EXPECT_EQ(key.error().code, Errc::invalid_argument);
        EXPECT_EQ(key.error().reason, "signing_key_invalid");
    }
    EXPECT_EQ(ERR_peek_error(), 0u) << "OpenSSL's error queue is left as it was";
}

TEST(SigningKey, RefusesOtherCurvesAndKeyTypes) {
    PkeyPtr const keys[] = {PkeyPtr(EVP_EC_gen("P-384")), PkeyPtr(EVP_EC_gen("secp256k1")), PkeyPtr(EVP_RSA_gen(2048)),
                            PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))};
    for (auto const& key : keys) {
        ASSERT_NE(key, nullptr);
        Pkcs8Ptr const info(EVP_PKEY2PKCS8(key.get()));
        std::string der(static_cast<std::size_t>(i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr)), '\0');
        auto* end = reinterpret_cast<unsigned char*>(der.data());
        i2d_PKCS8_PRIV_KEY_INFO(info.get(), &end);
        EXPECT_FALSE(SigningKey::from_private_der(der, JwsAlgorithm::es256));
    }
}

TEST(SigningKey, PublishesOnlyThePublicHalf) {
    auto const key = SigningKey::generate_es256().value();
    auto const jwk = key.public_jwk();
    ASSERT_NE(jwk.if_object(), nullptr);
    std::vector<std::string> names;
    for (auto const& [name, value] : *jwk.if_object()) names.push_back(name);
    EXPECT_EQ(names, (std::vector<std::string>{"kty", "use", "alg", "kid", "crv", "x", "y"}));
    EXPECT_EQ(base::base64url_decode(*jwk.find("x")->if_string()).value().size(), 32u);
    auto const restored = VerificationKey::from_jwk(jwk).value();
    EXPECT_EQ(restored.key_id(), key.key_id());
    VerificationKey const keys[] = {restored};
    EXPECT_TRUE(verify_jws(key.sign(Json::Object{}, "JWT"), keys, {}));
}

TEST(SigningKey, KeepsASharedSecretToItself) {
    auto const key = SigningKey::hs256(std::string(32, 'k'), "main").value();
    EXPECT_EQ(key.algorithm(), JwsAlgorithm::hs256);
    EXPECT_EQ(key.key_id(), "main");
    EXPECT_TRUE(key.public_jwk().is_null());
    EXPECT_TRUE(key.private_der().empty());
}

TEST(SigningKey, RefusesShortSecretsAndEmptyIds) {
    EXPECT_FALSE(SigningKey::hs256(std::string(31, 'k'), "main"));
    EXPECT_FALSE(SigningKey::hs256(std::string(), "main"));
    EXPECT_FALSE(SigningKey::hs256(std::string(32, 'k'), ""));
}

TEST(VerificationKey, IsNamedByItsThumbprint) {
    // RFC 7638 section 3 over the key of RFC 7515 appendix A.3, computed independently.
    EXPECT_EQ(VerificationKey::from_jwk(rfc7515_jwk()).value().key_id(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    EXPECT_EQ(VerificationKey::from_jwk(with(rfc7515_jwk(), "kid", "mine")).value().key_id(), "mine");
}

TEST(VerificationKey, AcceptsTheMembersThatAllowVerifying) {
    EXPECT_TRUE(VerificationKey::from_jwk(with(rfc7515_jwk(), "alg", "ES256")));
    EXPECT_TRUE(VerificationKey::from_jwk(with(rfc7515_jwk(), "use", "sig")));
    EXPECT_TRUE(VerificationKey::from_jwk(with(rfc7515_jwk(), "key_ops", Json::Array{"verify"})));
}

TEST(VerificationKey, RefusesWhatIsNoP256KeyForVerifying) {
    auto const jwk = rfc7515_jwk();
    auto const x = *jwk.find("x")->if_string();
    Json const refused[] = {
        Json(),
        Json::Array{},
        Json::Object{},
        with(jwk, "kty", "RSA"),
        with(jwk, "kty", "oct"),
        with(jwk, "crv", "P-384"),
        with(jwk, "crv", "secp256k1"),
        with(jwk, "alg", "HS256"),
        with(jwk, "alg", "none"),
        with(jwk, "alg", 1),
        with(jwk, "use", "enc"),
        with(jwk, "key_ops", Json::Array{"sign"}),
        with(jwk, "key_ops", "verify"),
        with(jwk, "kid", 7),
        with(jwk, "y", x),  // Not on the curve.
        with(jwk, "x", ""),
        with(jwk, "x", 1),
        with(jwk, "x", x.substr(0, 42)),
        with(jwk, "x", x + "="),
        with(jwk, "x", base::base64url_encode(std::string(1, '\0') + base::base64url_decode(x).value())),
        with(with(jwk, "x", base::base64url_encode(std::string(32, '\0'))), "y",
             base::base64url_encode(std::string(32, '\0'))),
        with(jwk, "x", base::base64url_encode(std::string(32, '\xff'))),  // Not below the field's prime.
    };
    for (auto const& value : refused) {
        auto const key = VerificationKey::from_jwk(value);
        ASSERT_FALSE(key) << value.dump();
        EXPECT_TRUE(key.error().reason == "jwk_malformed" || key.error().reason == "jwk_unsupported");
    }
    EXPECT_EQ(ERR_peek_error(), 0u) << "OpenSSL's error queue is left as it was";
}

}  // namespace
}  // namespace nexpo::crypto

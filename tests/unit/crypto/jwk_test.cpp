// SPDX-License-Identifier: Apache-2.0
#include "crypto/jwk.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/base64.hpp"
#include "crypto/openssl.hpp"
#include "token_forge.hpp"

namespace nexpo::crypto {
namespace {

std::string numbers(std::size_t bytes) {
    return base::base64url_encode(std::string(1, '\xc1') + std::string(bytes - 1, '\x55'));
}

Json rsa() {
    return Json::Object{{"kty", "RSA"}, {"n", numbers(256)}, {"e", "AQAB"}};
}

Json okp() {
    return Json::Object{{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}};
}

Json ec() {
    return Json::Object{{"kty", "EC"},
                        {"crv", "P-256"},
                        {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                        {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
}

Json oct() {
    return Json::Object{{"kty", "oct"}, {"k", base::base64url_encode(std::string(32, 'k'))}};
}

Json with(Json jwk, std::string_view name, Json value) {
    jwk.set(name, std::move(value));
    return jwk;
}

std::string refusal(Json const& jwk, JwkOptions const& options = {}) {
    auto const key = read_jwk(jwk, options);
    return key ? "" : key.error().reason;
}

TEST(Jwk, IsPinnedToTheAlgorithmOfItsKind) {
    EXPECT_EQ(read_jwk(ec(), {}).value().algorithm(), JwsAlgorithm::es256);
    EXPECT_EQ(read_jwk(okp(), {}).value().algorithm(), JwsAlgorithm::eddsa);
    EXPECT_EQ(read_jwk(rsa(), {}).value().algorithm(), JwsAlgorithm::rs256);
    EXPECT_EQ(read_jwk(rsa(), {.rsa_algorithm = JwsAlgorithm::ps256}).value().algorithm(), JwsAlgorithm::ps256);
    EXPECT_EQ(read_jwk(with(rsa(), "alg", "PS256"), {}).value().algorithm(), JwsAlgorithm::ps256);
    EXPECT_EQ(read_jwk(with(rsa(), "alg", "RS256"), {.rsa_algorithm = JwsAlgorithm::ps256}).value().algorithm(),
              JwsAlgorithm::rs256);
    EXPECT_EQ(read_jwk(oct(), {.allow_secrets = true}).value().algorithm(), JwsAlgorithm::hs256);
}

TEST(Jwk, TakesSharedSecretsOnlyWhenTold) {
    EXPECT_EQ(refusal(oct()), "jwk_unsupported");
    EXPECT_EQ(refusal(with(oct(), "alg", "HS256")), "jwk_unsupported");
    EXPECT_EQ(refusal(oct(), {.allow_secrets = true}), "");
}

TEST(Jwk, LeavesKeysForOthersToOthers) {
    std::vector<Json> const others{with(ec(), "crv", "P-384"),
                                   with(ec(), "crv", "secp256k1"),
                                   with(okp(), "crv", "Ed448"),
                                   with(okp(), "crv", "X25519"),
                                   with(rsa(), "alg", "RS512"),
                                   with(rsa(), "alg", "RSA-OAEP"),
                                   with(rsa(), "alg", "none"),
                                   with(ec(), "use", "enc"),
                                   with(ec(), "key_ops", Json::Array{"sign"}),
                                   with(ec(), "key_ops", Json::Array{}),
                                   with(ec(), "key_ops", Json::Array{"wrapKey", "deriveKey"}),
                                   Json::Object{{"kty", "AKP"}, {"alg", "ML-DSA-44"}, {"pub", "AAAA"}},
                                   Json::Object{{"kty", "ec"}}};
    for (auto const& jwk : others) EXPECT_EQ(refusal(jwk), "jwk_unsupported") << jwk.dump();
}

TEST(Jwk, RefusesWhatBreaksTheRulesOfItsKind) {
    auto const x = *ec().find("x")->if_string();
    auto const padded = base::base64url_encode(std::string(1, '\0') + base::base64url_decode(numbers(256)).value());
    std::vector<Json> const broken{
        Json(),
        Json::Array{ec()},
        Json::Object{},
        Json("EC"),
        with(ec(), "kty", 1),
        with(ec(), "crv", nullptr),
        with(ec(), "alg", Json::Array{"ES256"}),
        with(ec(), "alg", "RS256"),
        with(ec(), "alg", "EdDSA"),
        with(okp(), "alg", "ES256"),
        with(rsa(), "alg", "ES256"),
        with(rsa(), "alg", "HS256"),
        with(ec(), "use", 1),
        with(ec(), "key_ops", "verify"),
        with(ec(), "key_ops", Json::Array{"verify", "verify"}),
        with(ec(), "key_ops", Json::Array{"verify", 1}),
        with(ec(), "kid", 7),
        with(ec(), "kid", ""),
        with(ec(), "kid", std::string(257, 'k')),
        with(ec(), "y", x),
        with(ec(), "x", x + "="),
        with(ec(), "x", x.substr(0, 42) + "V"),  // A bit too many at the end.
        with(okp(), "x", x.substr(0, 40)),
        with(okp(), "x", std::string(43, '+')),
        with(okp(), "x", nullptr),
        with(rsa(), "n", numbers(128)),
        with(rsa(), "n", numbers(255)),
        with(rsa(), "n", numbers(1025)),
        with(rsa(), "n", std::string(1U << 20U, 'A')),
        with(rsa(), "n", padded),
        with(rsa(), "n", ""),
        with(rsa(), "n", base::base64url_encode(std::string(256, '\xfe'))),  // Even.
        with(rsa(), "e", ""),
        with(rsa(), "e", "AQ"),       // 1
        with(rsa(), "e", "BA"),       // 4
        with(rsa(), "e", "AAEAAQ"),   // A leading zero.
        with(rsa(), "e", "AQAAAAE"),  // Beyond 32 bits.
        with(rsa(), "e", numbers(256)),
        with(rsa(), "e", 65537),
        with(rsa(), "d", "AAAA"),
        with(ec(), "d", "AAAA"),
        with(okp(), "d", "AAAA"),
    };
    for (auto const& jwk : broken) EXPECT_EQ(refusal(jwk), "jwk_malformed") << jwk.dump().substr(0, 200);
    EXPECT_EQ(refusal(with(oct(), "k", base::base64url_encode(std::string(31, 'k'))), {.allow_secrets = true}),
              "jwk_malformed");
    EXPECT_EQ(refusal(with(oct(), "k", 1), {.allow_secrets = true}), "jwk_malformed");
    EXPECT_EQ(ERR_peek_error(), 0u) << "OpenSSL's error queue is left as it was";
}

TEST(Jwk, TakesRsaKeysWithinTheirLimits) {
    for (std::size_t const size : {256, 384, 512, 1024}) {
        EXPECT_EQ(refusal(with(rsa(), "n", numbers(size))), "") << size;
    }
    EXPECT_EQ(refusal(with(rsa(), "e", "Aw")), "") << "3";
}

TEST(Jwk, ReadsWhatAKeyPublishes) {
    for (auto const algorithm : {JwsAlgorithm::es256, JwsAlgorithm::eddsa}) {
        auto const key = SigningKey::generate(algorithm).value();
        auto const read = read_jwk(key.public_jwk(), {}).value();
        EXPECT_EQ(read.key_id(), key.key_id());
        EXPECT_EQ(read.algorithm(), algorithm);
        EXPECT_TRUE(verify_jws(key.sign(Json::Object{}, "JWT"), {&read, 1}, {}));
    }
}

}  // namespace
}  // namespace nexpo::crypto

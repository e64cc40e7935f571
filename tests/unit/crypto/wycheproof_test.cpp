// SPDX-License-Identifier: Apache-2.0
// Thousands of signatures that are wrong in ways that implementations have accepted.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "crypto/jwk.hpp"
#include "crypto/jws.hpp"
#include "crypto/openssl.hpp"

namespace nexpo::crypto {
namespace {

Json::Array load(std::string const& name) {
    std::ifstream const file(std::string(NEXPO_TEST_DATA "/crypto/wycheproof/") + name);
    std::stringstream text;
    text << file.rdbuf();
    return *Json::parse(text.str()).value().if_array();
}

std::string text(Json const& json, std::string_view name) {
    auto const* member = json.find(name);
    return member == nullptr || member->if_string() == nullptr ? std::string() : *member->if_string();
}

std::string bytes(Json const& json, std::string_view name) {
    return base::hex_decode(text(json, name)).value();
}

/// A number as bytes of fixed width, or without leading zeros.
std::string number(Json const& json, std::string_view name, std::size_t width) {
    auto value = bytes(json, name);
    value.erase(0, value.find_first_not_of('\0'));
    return width == 0 ? value : std::string(width - value.size(), '\0') + value;
}

/// Compares what a key says of the signatures in a group with what it ought to say; counts the good ones.
int check(Json const& group, VerificationKey const& key) {
    int good = 0;
    for (auto const& test : *group.find("tests")->if_array()) {
        auto const expected = text(test, "result");
        bool const verified = key.verify(bytes(test, "msg"), bytes(test, "sig"));
        if (expected != "acceptable") {
            EXPECT_EQ(verified, expected == "valid") << test.dump();
        }
        good += verified ? 1 : 0;
    }
    return good;
}

VerificationKey key_of(Json const& jwk) {
    return read_jwk(jwk, {}).value();
}

TEST(Wycheproof, JudgesEs256SignaturesAlike) {
    int good = 0;
    for (auto const& group : load("ecdsa_p256.json")) {
        good += check(group, key_of(Json::Object{{"kty", "EC"},
                                                 {"crv", "P-256"},
                                                 {"x", base::base64url_encode(number(group, "x", 32))},
                                                 {"y", base::base64url_encode(number(group, "y", 32))}}));
    }
    EXPECT_GT(good, 100);
    EXPECT_EQ(ERR_peek_error(), 0u) << "OpenSSL's error queue is left as it was";
}

TEST(Wycheproof, JudgesEd25519SignaturesAlike) {
    int good = 0;
    for (auto const& group : load("ed25519.json")) {
        good +=
            check(group, key_of(Json::Object{
                             {"kty", "OKP"}, {"crv", "Ed25519"}, {"x", base::base64url_encode(bytes(group, "pk"))}}));
    }
    EXPECT_GT(good, 50);
    EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(Wycheproof, JudgesRsaSignaturesAlike) {
    for (auto const* algorithm : {"RS256", "PS256"}) {
        int good = 0;
        for (auto const& group : load(algorithm == std::string("RS256") ? "rsa_rs256.json" : "rsa_ps256.json")) {
            good += check(group, key_of(Json::Object{{"kty", "RSA"},
                                                     {"alg", algorithm},
                                                     {"n", base::base64url_encode(number(group, "n", 0))},
                                                     {"e", base::base64url_encode(number(group, "e", 0))}}));
        }
        EXPECT_GT(good, 5) << algorithm;
    }
    EXPECT_EQ(ERR_peek_error(), 0u);
}

/// Most of these tokens carry no claims but some text, which is only looked at when the signature is good.
bool has_good_signature(std::string const& token, VerificationKey const& key) {
    auto fault = TokenFault::none;
    static_cast<void>(verify_jws(token, {&key, 1}, {}, &fault));
    auto const payload = token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
    return fault == TokenFault::none || (fault == TokenFault::payload && base::base64url_decode(payload));
}

/// Where we are stricter: tokens of another algorithm than their key's, and with characters that base64url has not.
bool is_refused_by_us_alone(Json const& test) {
    auto const id = *test.find("id")->if_integer();
    return id == 346 || id == 350 || id == 372 || id == 373;
}

TEST(Wycheproof, JudgesTokensAlike) {
    int good = 0;
    for (auto const& group : load("jws.json")) {
        auto const& jwk = *group.find("key");
        auto const key = read_jwk(jwk, {.allow_secrets = true});
        if (!jws_algorithm(text(jwk, "alg"))) {
            ASSERT_FALSE(key) << jwk.dump();
            EXPECT_EQ(key.error().reason, "jwk_unsupported");
            continue;
        }
        ASSERT_TRUE(key) << jwk.dump() << key.error().message;
        for (auto const& test : *group.find("tests")->if_array()) {
            bool const verified = has_good_signature(text(test, "jws"), *key);
            EXPECT_EQ(verified, text(test, "result") == "valid" && !is_refused_by_us_alone(test)) << test.dump();
            good += verified ? 1 : 0;
        }
    }
    EXPECT_GT(good, 20);
}

}  // namespace
}  // namespace nexpo::crypto

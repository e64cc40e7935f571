// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_set.hpp"

#include <gtest/gtest.h>

#include <string>

#include "crypto/jws.hpp"

namespace nexpo::crypto {
namespace {

constexpr auto kOther = R"({"kty":"EC","crv":"P-521","x":"AA","y":"AA"},{"kty":"new","anything":[1]})";

std::string set_of(std::initializer_list<std::string> keys) {
    std::string text = R"({"keys":[)";
    for (auto const& key : keys) text += (text.ends_with('[') ? "" : ",") + key;
    return text + "]}";
}

std::string refusal(std::string const& text, KeySetOptions const& options = {}) {
    auto const set = KeySet::parse(text, options);
    return set ? "" : set.error().reason;
}

struct KeySetTest : ::testing::Test {
    SigningKey ec = SigningKey::generate(JwsAlgorithm::es256).value();
    SigningKey second = SigningKey::generate(JwsAlgorithm::es256).value();
    SigningKey ed = SigningKey::generate(JwsAlgorithm::eddsa).value();
};

TEST_F(KeySetTest, FindsKeysByAlgorithmAndId) {
    auto const set =
        KeySet::parse(set_of({ec.public_jwk().dump(), kOther, second.public_jwk().dump(), ed.public_jwk().dump()}), {})
            .value();
    ASSERT_EQ(set.keys().size(), 3u);
    EXPECT_EQ(set.find(JwsAlgorithm::es256, second.key_id()), &set.keys()[1]);
    EXPECT_EQ(set.find(JwsAlgorithm::eddsa, ed.key_id()), &set.keys()[2]);
    EXPECT_EQ(set.find(JwsAlgorithm::eddsa, ec.key_id()), nullptr) << "an id under another algorithm";
    EXPECT_EQ(set.find(JwsAlgorithm::rs256, std::nullopt), nullptr);
    EXPECT_EQ(set.find(JwsAlgorithm::es256, "unknown"), nullptr);
    EXPECT_EQ(set.find(JwsAlgorithm::es256, ""), nullptr);
}

TEST_F(KeySetTest, GuessesOnlyWhenThereIsNothingToGuess) {
    auto const set =
        KeySet::parse(set_of({ec.public_jwk().dump(), second.public_jwk().dump(), ed.public_jwk().dump()}), {}).value();
    EXPECT_EQ(set.find(JwsAlgorithm::eddsa, std::nullopt), &set.keys()[2]);
    EXPECT_EQ(set.find(JwsAlgorithm::es256, std::nullopt), nullptr);
}

TEST_F(KeySetTest, VerifiesTokens) {
    auto const set = KeySet::parse(set_of({ec.public_jwk().dump(), ed.public_jwk().dump()}), {}).value();
    EXPECT_TRUE(verify_jws(ec.sign(Json::Object{}, "JWT"), set, {}));
    EXPECT_TRUE(verify_jws(ed.sign(Json::Object{}, "JWT"), set, {}));
    EXPECT_FALSE(verify_jws(second.sign(Json::Object{}, "JWT"), set, {}));
}

TEST_F(KeySetTest, RefusesTwoKeysOfOneName) {
    EXPECT_EQ(refusal(set_of({ec.public_jwk().dump(), ec.public_jwk().dump()})), "jwk_duplicate");
    auto renamed = second.public_jwk();
    renamed.set("kid", ec.key_id());
    EXPECT_EQ(refusal(set_of({ec.public_jwk().dump(), renamed.dump()})), "jwk_duplicate");
    // RFC 7517 section 4.5: keys of different kinds may share an id when they stand for each other.
    auto same = ed.public_jwk();
    same.set("kid", ec.key_id());
    EXPECT_EQ(refusal(set_of({ec.public_jwk().dump(), same.dump()})), "");
}

TEST_F(KeySetTest, RefusesMalformedSets) {
    for (std::string const text :
         {"", "null", "[]", "{}", R"({"keys":null})", R"({"keys":{}})", R"({"keys":[],"keys":[]})", R"({"keys":[]} x)",
          R"({"keys":[[[[[[[[[[]]]]]]]]]]})", "{\"keys\":[\"\xff\"]}"}) {
        EXPECT_EQ(refusal(text), "jwks_malformed") << text;
    }
    EXPECT_EQ(refusal(R"({"keys":[1]})"), "jwk_malformed");
    EXPECT_EQ(refusal(R"({"keys":[{}]})"), "jwk_malformed");
    EXPECT_EQ(refusal(set_of({ec.public_jwk().dump(), R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"})), "jwk_malformed");
    EXPECT_EQ(refusal(R"({"keys":[]})"), "") << "a publisher may have none";
}

TEST_F(KeySetTest, HoldsItsLimits) {
    auto const text = set_of({ec.public_jwk().dump(), second.public_jwk().dump()});
    EXPECT_EQ(refusal(text, {.max_size = text.size()}), "");
    EXPECT_EQ(refusal(text, {.max_size = text.size() - 1}), "jwks_too_large");
    EXPECT_EQ(refusal(text, {.max_keys = 2}), "");
    EXPECT_EQ(refusal(text, {.max_keys = 1}), "jwks_too_many_keys");
    std::string many = R"({"keys":[1)";
    for (int i = 0; i < 64; ++i) many += ",1";
    EXPECT_EQ(refusal(many + "]}"), "jwks_too_many_keys");
}

}  // namespace
}  // namespace nexpo::crypto

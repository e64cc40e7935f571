// SPDX-License-Identifier: Apache-2.0
#include "crypto/private_key.hpp"

#include <gtest/gtest.h>

#include <string>

#include "crypto/jws.hpp"
#include "crypto/rsa_key.hpp"
#include "crypto/signing_key.hpp"

namespace nexpo::crypto {
namespace {

std::string written(BIO* bio) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pkcs8_pem(EVP_PKEY* key, EVP_CIPHER const* cipher = nullptr) {
    BioPtr const bio(BIO_new(BIO_s_mem()));
    EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, cipher, "test", cipher ? 4 : 0, nullptr, nullptr), 1);
    return written(bio.get());
}

/// `BEGIN RSA PRIVATE KEY` and `BEGIN EC PRIVATE KEY`.
std::string traditional_pem(EVP_PKEY* key, EVP_CIPHER const* cipher = nullptr) {
    BioPtr const bio(BIO_new(BIO_s_mem()));
    auto* const password = reinterpret_cast<unsigned char const*>("test");
    EXPECT_EQ(PEM_write_bio_PrivateKey_traditional(bio.get(), key, cipher, cipher ? password : nullptr, cipher ? 4 : 0,
                                                   nullptr, nullptr),
              1);
    return written(bio.get());
}

std::string public_pem(EVP_PKEY* key) {
    BioPtr const bio(BIO_new(BIO_s_mem()));
    EXPECT_EQ(PEM_write_bio_PUBKEY(bio.get(), key), 1);
    return written(bio.get());
}

std::string modulus(EVP_PKEY const* key) {
    return rsa_numbers_of(key).n;
}

struct PrivateKeyTest : ::testing::Test {
    static void SetUpTestSuite() {
        rsa.reset(EVP_RSA_gen(2048));
        small.reset(EVP_RSA_gen(1024));
        ec.reset(EVP_EC_gen("P-256"));
        ed.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    }
    static void TearDownTestSuite() {
        for (auto* key : {&rsa, &small, &ec, &ed}) key->reset();
    }

    static PkeyPtr rsa, small, ec, ed;
};
PkeyPtr PrivateKeyTest::rsa, PrivateKeyTest::small, PrivateKeyTest::ec, PrivateKeyTest::ed;

void expect_signs(std::string const& pem, JwsAlgorithm algorithm) {
    auto const key = SigningKey::from_pem(Secret(pem), algorithm, "robot");
    ASSERT_TRUE(key) << to_string(algorithm);
    EXPECT_EQ(key->algorithm(), algorithm);
    EXPECT_EQ(key->key_id(), "robot");
    auto const token = key->sign(Json::Object{{"sub", "robot"}}, "JWT");
    auto const published = VerificationKey::from_jwk(key->public_jwk()).value();
    EXPECT_EQ(published.algorithm(), algorithm);
    EXPECT_TRUE(verify_jws(token, {&published, 1}, {}));
}

TEST_F(PrivateKeyTest, IsReadFromEveryForm) {
    for (auto const algorithm : {JwsAlgorithm::rs256, JwsAlgorithm::ps256}) {
        expect_signs(pkcs8_pem(rsa.get()), algorithm);
        expect_signs(traditional_pem(rsa.get()), algorithm);
    }
    expect_signs(pkcs8_pem(ec.get()), JwsAlgorithm::es256);
    expect_signs(traditional_pem(ec.get()), JwsAlgorithm::es256);
    expect_signs(
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + traditional_pem(ec.get()),
        JwsAlgorithm::es256);
    expect_signs(pkcs8_pem(ed.get()), JwsAlgorithm::eddsa);
    expect_signs("Bag Attributes\n" + pkcs8_pem(ed.get()) + "\n", JwsAlgorithm::eddsa);
}

TEST_F(PrivateKeyTest, IsNamedByItsThumbprintWithoutAnId) {
    auto const key = SigningKey::from_pem(Secret(pkcs8_pem(ec.get())), JwsAlgorithm::es256, "").value();
    EXPECT_EQ(key.key_id(), VerificationKey::from_jwk(Json::Object{{"kty", "EC"},
                                                                   {"crv", "P-256"},
                                                                   {"x", *key.public_jwk().find("x")},
                                                                   {"y", *key.public_jwk().find("y")}})
                                .value()
                                .key_id());
}

TEST_F(PrivateKeyTest, ServesOnlyTheAlgorithmsOfItsKind) {
    struct Case {
        EVP_PKEY* key;
        std::vector<JwsAlgorithm> others;
    };
    Case const cases[] = {
        {rsa.get(), {JwsAlgorithm::es256, JwsAlgorithm::eddsa, JwsAlgorithm::hs256}},
        {ec.get(), {JwsAlgorithm::rs256, JwsAlgorithm::ps256, JwsAlgorithm::eddsa, JwsAlgorithm::hs256}},
        {ed.get(), {JwsAlgorithm::es256, JwsAlgorithm::rs256, JwsAlgorithm::ps256, JwsAlgorithm::hs256}},
        {small.get(), {JwsAlgorithm::rs256, JwsAlgorithm::ps256}},
    };
    for (auto const& test : cases) {
        for (auto const algorithm : test.others) {
            auto const key = SigningKey::from_pem(Secret(pkcs8_pem(test.key)), algorithm, "");
            ASSERT_FALSE(key);
            EXPECT_EQ(key.error().reason, "signing_key_invalid");
        }
    }
}

TEST_F(PrivateKeyTest, RefusesWhatIsNotOnePlainPrivateKey) {
    auto const good = pkcs8_pem(ec.get());
    auto damaged = good;
    damaged[60] = damaged[60] == 'A' ? 'B' : 'A';
    PkeyPtr const elsewhere(EVP_EC_gen("P-384"));
    std::string const texts[] = {"",
                                 "-----BEGIN PRIVATE KEY-----",
                                 "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
                                 good.substr(0, good.size() / 2),
                                 damaged,
                                 good + good,
                                 good + pkcs8_pem(ed.get()),
                                 public_pem(ec.get()),
                                 good + public_pem(ec.get()),
                                 pkcs8_pem(ec.get(), EVP_aes_128_cbc()),
                                 traditional_pem(ec.get(), EVP_aes_128_cbc()),
                                 pkcs8_pem(elsewhere.get()),
                                 std::string(1U << 20U, '\n') + good,
                                 std::string(1000, '\0')};
    for (auto const& text : texts) {
        EXPECT_FALSE(SigningKey::from_pem(Secret(text), JwsAlgorithm::es256, "")) << text.substr(0, 80);
    }
    EXPECT_EQ(ERR_peek_error(), 0u) << "OpenSSL's error queue is left as it was";
}

TEST_F(PrivateKeyTest, RefusesHalvesThatDoNotBelongTogether) {
    PkeyPtr const other(EVP_RSA_gen(2048));
    auto mixed = private_der_of(rsa.get());
    auto const mine = modulus(rsa.get());
    ASSERT_NE(mixed.find(mine), std::string::npos);
    mixed.replace(mixed.find(mine), mine.size(), modulus(other.get()));
    EXPECT_FALSE(SigningKey::from_private_der(mixed, JwsAlgorithm::rs256));
    EXPECT_EQ(ERR_peek_error(), 0u);
}

}  // namespace
}  // namespace nexpo::crypto

// SPDX-License-Identifier: Apache-2.0
// Changing the keys that sign tokens and the key that seals, with people signed in.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "crypto/jws.hpp"
#include "crypto/key_set.hpp"
#include "integration/database.hpp"
#include "nexpo/nexpo.hpp"
#include "nexpo/testing/clock.hpp"
#include "support/temp_dir.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using std::chrono::seconds;

constexpr auto kFirst = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
constexpr auto kSecond = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA";

std::string jwks(Backend const& backend) {
    return backend.as_anonymous().invoke("auth.keys", Json::Object{}).value().dump();
}

TEST(KeyRotation, KeepsEverybodySignedIn) {
    testing::TestBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    auto const before = jwks(test.backend);
    auto const system = test.backend.as_system("any");
    auto const rotated = system.auth().rotate_keys({});
    ASSERT_TRUE(rotated);
    EXPECT_EQ(rotated->active_at, test.clock->now() + seconds(600));
    EXPECT_NE(jwks(test.backend).find(rotated->kid), std::string::npos) << "published before it signs";
    EXPECT_NE(jwks(test.backend), before);

    test.clock->advance(seconds(600));
    EXPECT_TRUE(test.as(ada).users().me());
    auto const fresh = test.backend.as_anonymous().auth().refresh({.refresh_token = Secret(ada.refresh_token)});
    ASSERT_TRUE(fresh);
    EXPECT_TRUE(test.as(*fresh).users().me());
    auto const set = crypto::KeySet::parse(jwks(test.backend), {}).value();
    EXPECT_EQ(set.keys().size(), 2u);
    EXPECT_TRUE(crypto::verify_jws(fresh->access_token, set, {.typ = "at+jwt"}));
    EXPECT_EQ(testing::Database(test).audit("auth.rotate_keys").at(0).target, rotated->kid);
}

TEST(KeyRotation, RefusesTokensOfRevokedKeysAtOnce) {
    testing::TestBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    auto const api = test.as(ada);
    ASSERT_TRUE(api.users().me());
    ASSERT_TRUE(test.backend.as_system("any").auth().rotate_keys({.revoke = true}));
    auto const refused = api.users().me();
    ASSERT_FALSE(refused) << "although it was seen before";
    EXPECT_EQ(refused.error().reason, "token_invalid");
    auto const fresh = test.backend.as_anonymous().auth().refresh({.refresh_token = Secret(ada.refresh_token)});
    ASSERT_TRUE(fresh) << "the session goes on";
    EXPECT_TRUE(test.as(*fresh).users().me());
}

TEST(KeyRotation, IsForTheApplicationAlone) {
    testing::TestBackend const test;
    auto const ada = test.sign_up("ada@example.com");
    EXPECT_EQ(test.as(ada).auth().rotate_keys({}).error().reason, "permission_denied");
    EXPECT_EQ(test.backend.as_anonymous().auth().rotate_keys({}).error().reason, "permission_denied");
}

TEST(KeyRotation, SignsWithEd25519WhenConfigured) {
    testing::TestBackend const test([](Config& config) { config.auth.signing_algorithm = SigningAlgorithm::eddsa; });
    auto const ada = test.sign_up("ada@example.com");
    EXPECT_TRUE(test.as(ada).users().me());
    auto const keys = test.backend.as_anonymous().auth().keys().value().keys;
    ASSERT_EQ(keys.size(), 1u);
    EXPECT_EQ(keys[0].kty, "OKP");
    EXPECT_EQ(keys[0].alg, "EdDSA");
    EXPECT_FALSE(keys[0].y);
    auto const set = crypto::KeySet::parse(jwks(test.backend), {}).value();
    EXPECT_TRUE(crypto::verify_jws(ada.access_token, set, {.typ = "at+jwt"}));
}

/// A database that is opened with different keys one after the other.
struct SealingKeyChange : ::testing::Test {
    Result<Backend> open(std::string const& key, std::string const& old = "") const {
        Config config{.database = "sqlite:" + directory.file("nexpo.db"),
                      .sealing_key = Secret(key),
                      .sealing_keys_old = Secret(old)};
        config.auth.open_registration = true;
        config.clock = clock;
        return Backend::open(std::move(config));
    }
    Tokens sign_up(Backend const& backend) const {
        return backend.as_anonymous().auth().sign_up({.email = "ada@example.com", .password = "correct horse"}).value();
    }
    /// Whether somebody who was signed in still is, by both tokens.
    static bool knows(Backend const& backend, Tokens& tokens) {
        auto const api = backend.authenticate(Secret(tokens.access_token));
        auto fresh = backend.as_anonymous().auth().refresh({.refresh_token = Secret(tokens.refresh_token)});
        bool const known = api && api->users().me() && fresh;
        if (fresh) tokens = std::move(*fresh);
        return known;
    }

    testing::TempDir directory;
    std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
};

TEST_F(SealingKeyChange, NeedsTheOldKeyUntilEverythingIsSealedAnew) {
    Tokens ada;
    std::string first_id;
    {
        auto const backend = open(kFirst).value();
        ada = sign_up(backend);
        auto const nothing = backend.reseal().value();
        EXPECT_EQ(nothing.count, 0);
        first_id = nothing.key_id;
    }
    auto const wrong = open(kSecond);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Errc::failed_precondition);
    EXPECT_EQ(wrong.error().reason, "sealing_key_wrong");
    EXPECT_NE(wrong.error().message.find(first_id), std::string::npos) << wrong.error().message;
    {
        auto const backend = open(kSecond, kFirst).value();
        EXPECT_TRUE(knows(backend, ada));
        auto const done = backend.reseal().value();
        EXPECT_EQ(done.count, 4) << "the check, the root, the signing key and the key of the audit";
        EXPECT_NE(done.key_id, first_id);
        EXPECT_FALSE(done.kept_key_removed);
        EXPECT_EQ(backend.reseal().value().count, 0) << "a second time there is nothing to do";
    }
    auto const after = open(kSecond).value();
    EXPECT_TRUE(knows(after, ada)) << "nobody has to sign in again";
    after.close();
    EXPECT_FALSE(open(kFirst));
}

TEST_F(SealingKeyChange, TakesSeveralOldKeysAndRefusesMalformedOnes) {
    open(kFirst).value().close();
    EXPECT_TRUE(open(kSecond, std::string("CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCA\n") + kFirst + "\n"));
    auto const refused = open(kSecond, "short");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "sealing_key_invalid");
}

}  // namespace

}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "crypto/digest.hpp"
#include "integration/database.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Database;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestBackend;

Auth anonymous(TestBackend const& test) {
    return test.backend.as_anonymous().auth();
}

TEST(SignUp, IsClosedUnlessConfigured) {
    TestBackend const test([](Config& config) { config.auth.open_registration = false; });
    SignUp const input{.email = "ada@example.com", .password = "correct horse"};
    auto const refused = anonymous(test).sign_up(input);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::permission_denied);
    EXPECT_EQ(refused.error().reason, "registration_closed");
    EXPECT_EQ(Database(test).count("auth_accounts"), 0);
    auto const acme = test.backend.as_system("acme");
    EXPECT_EQ(acme.auth().sign_up(input).error().reason, "organization_not_found");
    ASSERT_TRUE(acme.users().create({.email = "bob@example.com"}));
    EXPECT_TRUE(acme.auth().sign_up(input)) << "the application itself may";
}

TEST(SignUp, ADuplicateAddressLeavesNothing) {
    TestBackend const test;
    test.sign_up("ada@example.com");
    for (auto const* email : {"ada@example.com", "ADA@Example.COM"}) {
        auto const again = anonymous(test).sign_up({.email = email, .password = "another horse"});
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().code, Errc::already_exists);
        EXPECT_EQ(again.error().reason, "email_taken");
    }
    Database const database(test);
    for (auto const* table : {"auth_accounts", "organizations", "user_profiles", "auth_sessions", "audit_entries"}) {
        EXPECT_EQ(database.count(table), 1) << table;
    }
}

TEST(SignUp, TakesNoSlugThatAnApplicationMayRelyOn) {
    TestBackend const test;
    SignUp input{.email = "ada@example.com", .password = "correct horse", .organization = "acme"};
    auto const first = anonymous(test).sign_up(input).value();
    input.email = "grace@example.com";
    auto const second = anonymous(test).sign_up(input).value();
    input.email = "edith@example.com";
    input.organization.reset();
    auto const third = anonymous(test).sign_up(input).value();
    EXPECT_NE(first.organization_id, second.organization_id) << "two may have the same name";
    Database const database(test);
    EXPECT_EQ(database.rows<std::int64_t>("SELECT count(*) FROM organizations WHERE name = 'acme'").at(0), 2);
    EXPECT_EQ(database.rows<std::int64_t>("SELECT count(DISTINCT slug) FROM organizations").at(0), 3);
    auto const ada = test.backend.as_system("acme").users().create({.email = "ada@example.com"}).value();
    for (auto const& tokens : {first, second, third}) EXPECT_NE(ada.organization_id, tokens.organization_id);
}

TEST(SignUp, ReportsEveryBadField) {
    TestBackend const test;
    auto const refused = anonymous(test).sign_up(
        {.email = "nobody", .password = "short", .name = std::string(201, 'n'), .organization = std::string(201, 'o')});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "validation_failed");
    std::vector<std::string> fields;
    for (auto const& violation : refused.error().violations) fields.push_back(violation.field);
    EXPECT_THAT(fields, ElementsAre("/email", "/password", "/name", "/organization"));

    auto const as_json = test.backend.as_anonymous().invoke(
        "auth.sign_up", Json::parse(R"({"email":7,"password":[],"organization":{},"nickname":"x"})").value());
    ASSERT_FALSE(as_json);
    fields.clear();
    for (auto const& violation : as_json.error().violations) fields.push_back(violation.field);
    EXPECT_THAT(fields, ::testing::UnorderedElementsAre("/email", "/password", "/organization", "/nickname"));
}

TEST(SignUp, MakesTheFounderTheOwner) {
    TestBackend const test;
    auto const tokens =
        anonymous(test).sign_up({.email = "Ada@Example.com", .password = "correct horse", .name = "Ada"}).value();
    auto const me = test.as(tokens).users().me().value();
    EXPECT_EQ(me.id, tokens.user_id);
    EXPECT_EQ(me.organization_id, tokens.organization_id);
    EXPECT_EQ(me.email, "ada@example.com");
    EXPECT_EQ(me.name, "Ada");
    EXPECT_EQ(me.role, Role::owner);
    auto const rows = Database(test).audit("auth.sign_up");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].organization_id, tokens.organization_id);
    EXPECT_EQ(rows[0].actor_kind, "anonymous");
    EXPECT_TRUE(rows[0].target.starts_with("acc_"));
    EXPECT_EQ(rows[0].outcome, "ok");
}

TEST(SignIn, AWrongPasswordAndAnUnknownAddressAreTheSame) {
    TestBackend const test;
    test.sign_up("ada@example.com");
    auto const wrong = anonymous(test).login({.email = "ada@example.com", .password = "wrong horse"});
    auto const unknown = anonymous(test).login({.email = "bob@example.com", .password = "wrong horse"});
    ASSERT_FALSE(wrong);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(wrong.error().code, Errc::unauthenticated);
    EXPECT_EQ(wrong.error().reason, "credentials_invalid");
    EXPECT_EQ(wrong.error(), unknown.error());
}

TEST(SignIn, IgnoresTheCaseOfTheAddressAndNotOfThePassword) {
    TestBackend const test;
    test.sign_up("ada@example.com");
    EXPECT_TRUE(anonymous(test).login({.email = "ADA@example.COM", .password = "correct horse"}));
    EXPECT_FALSE(anonymous(test).login({.email = "ada@example.com", .password = "Correct horse"}));
    EXPECT_FALSE(anonymous(test).login({.email = "ada@example.com", .password = "correct horse "}));
    EXPECT_EQ(anonymous(test).login({.email = "ada@example.com"}).error().reason, "validation_failed");
}

TEST(SignIn, WorksInTheOrganizationThatIsNamed) {
    TestBackend const test;
    auto const bootstrap = [&](char const* slug) {
        test.clock->advance(seconds(1));
        return test.backend.as_system(slug)
            .organizations()
            .bootstrap({.email = "ada@example.com", .password = "correct horse"})
            .value();
    };
    auto const first = bootstrap("first");
    auto const second = bootstrap("second");
    ASSERT_TRUE(second.owner_created);
    ASSERT_TRUE(test.backend.as_system("third").users().create({.email = "bob@example.com"}));

    struct Case {
        std::optional<std::string> organization;
        std::string expected;
    };
    for (auto const& [organization, expected] :
         {Case{{}, first.organization_id}, Case{"first", first.organization_id}, Case{"second", second.organization_id},
          Case{first.organization_id, first.organization_id}, Case{second.organization_id, second.organization_id}}) {
        auto const tokens = anonymous(test).login(
            {.email = "ada@example.com", .password = "correct horse", .organization = organization});
        ASSERT_TRUE(tokens) << organization.value_or("the oldest");
        EXPECT_EQ(tokens->organization_id, expected);
        EXPECT_EQ(test.as(*tokens).users().me()->organization_id, expected);
    }
    std::optional<Error> refusal;
    for (auto const* organization : {"third", "unknown", "org_01j8x4mq3he5nr7w0c2k9v6t1b", "' OR 1=1 --"}) {
        auto const refused = anonymous(test).login(
            {.email = "ada@example.com", .password = "correct horse", .organization = organization});
        ASSERT_FALSE(refused) << organization;
        EXPECT_EQ(refused.error().code, Errc::permission_denied);
        EXPECT_EQ(refused.error().reason, "organization_not_joined");
        EXPECT_EQ(refused.error(), refusal.value_or(refused.error()));
        refusal = refused.error();
        auto const guessed = anonymous(test).login(
            {.email = "ada@example.com", .password = "wrong horse", .organization = organization});
        EXPECT_EQ(guessed.error().reason, "credentials_invalid") << "the password comes first";
    }
}

TEST(SignIn, LeavesAnAuditRowWhenRefused) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    test.clock->advance(seconds(1));
    EXPECT_FALSE(anonymous(test).login({.email = "ada@example.com", .password = "wrong horse"}));
    test.clock->advance(seconds(1));
    EXPECT_FALSE(anonymous(test).login({.email = "bob@example.com", .password = "wrong horse"}));
    test.clock->advance(seconds(1));
    EXPECT_FALSE(anonymous(test).login({.email = "", .password = "wrong horse"}));
    EXPECT_TRUE(anonymous(test).login({.email = "ada@example.com", .password = "correct horse"}));
    Database const database(test);
    auto const account = database.rows<std::string>("SELECT id FROM auth_accounts").at(0);
    auto const rows = database.audit("auth.login");
    ASSERT_EQ(rows.size(), 3U) << "a failed call leaves none";
    EXPECT_EQ(rows[0].outcome, "credentials_invalid");
    EXPECT_EQ(rows[0].target, account);
    EXPECT_EQ(rows[0].organization_id, std::nullopt);
    EXPECT_EQ(rows[1].outcome, "credentials_invalid");
    EXPECT_EQ(rows[1].target, "");
    EXPECT_EQ(rows[2].outcome, "ok");
    EXPECT_EQ(rows[2].target, account);
    EXPECT_EQ(rows[2].organization_id, tokens.organization_id);
}

TEST(SignIn, IsNeverRepeatedFromARecord) {
    TestBackend const test;
    test.sign_up("ada@example.com");
    auto const auth = test.backend.as_anonymous().with({.idempotency_key = "key"}).auth();
    Login const login{.email = "ada@example.com", .password = "correct horse"};
    EXPECT_NE(auth.login(login)->access_token, auth.login(login)->access_token);
    EXPECT_EQ(Database(test).count("idempotency_records"), 0);
}

TEST(SignIn, IsLimitedPerAccount) {
    TestBackend const test([](Config& config) { config.limits.account_per_minute = 3; });
    test.sign_up("ada@example.com");  // counts, too
    Login const login{.email = "ada@example.com", .password = "wrong horse"};
    EXPECT_EQ(anonymous(test).login(login).error().reason, "credentials_invalid");
    EXPECT_EQ(anonymous(test).login(login).error().reason, "credentials_invalid");
    auto const refused = anonymous(test).login(login);
    EXPECT_EQ(refused.error().code, Errc::resource_exhausted);
    EXPECT_EQ(refused.error().reason, "rate_limited");
    EXPECT_EQ(refused.error().retry_after, seconds(20));
}

TEST(SignIn, KeepsPasswordsOutOfFileAndLog) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    EXPECT_FALSE(anonymous(test).login({.email = "ada@example.com", .password = "telltale wrong horse"}));
    Database const database(test);
    EXPECT_THAT(database.rows<std::string>("SELECT password_hash FROM auth_accounts"),
                ElementsAre(HasSubstr("$argon2id$v=19$m=19456,t=2,p=1$")));
    EXPECT_EQ(database.count("auth_sessions"), 1);
    for (auto const& line : test.log->lines()) {
        EXPECT_THAT(line, Not(HasSubstr("horse")));
        EXPECT_THAT(line, Not(HasSubstr(tokens.refresh_token)));
        EXPECT_THAT(line, Not(HasSubstr(tokens.access_token)));
    }
}

TEST(AccessTokens, ExpireByTheClock) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    auto const api = test.as(tokens);
    EXPECT_EQ(tokens.expires_in, 900);
    test.clock->advance(seconds(900) - milliseconds(1));
    EXPECT_TRUE(api.users().me());
    test.clock->advance(milliseconds(1));
    EXPECT_EQ(api.users().me().error().reason, "token_expired");
    EXPECT_FALSE(test.backend.authenticate(Secret(tokens.access_token)));
    EXPECT_TRUE(api.auth().refresh({.refresh_token = Secret(tokens.refresh_token)})) << "although the header is stale";
}

/// The same token with other header and payload texts; empty keeps what it has.
std::string forged(std::string const& token, std::string_view header, std::string_view signature) {
    auto const payload = token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
    return base::base64url_encode(header) + '.' + payload + '.' + std::string(signature);
}

TEST(AccessTokens, ThatAreForgedAreRefused) {
    TestBackend const test;
    TestBackend const another;
    auto const tokens = test.sign_up("ada@example.com");
    auto const good = tokens.access_token;
    auto const signature = good.substr(good.rfind('.') + 1);
    auto const header = base::base64url_decode(good.substr(0, good.find('.'))).value();
    auto const hs256 = forged(good, R"({"alg":"HS256","typ":"at+jwt"})", "");
    auto const jwk = anonymous(test).keys()->keys.at(0);
    auto const mac = base::base64url_encode(crypto::hmac_sha256(jwk.x, hs256.substr(0, hs256.size() - 1)));
    for (auto const& text :
         {std::string(), std::string("garbage"), good + "x", good.substr(1), good.substr(0, good.size() - 1),
          forged(good, R"({"alg":"none","typ":"at+jwt"})", ""),
          forged(good, R"({"alg":"none","typ":"at+jwt"})", signature), hs256 + mac,
          forged(good, header, std::string(86, 'A')), another.sign_up("ada@example.com").access_token,
          tokens.refresh_token, std::string(10'000, 'A')}) {
        auto const refused = test.backend.authenticate(Secret(text));
        ASSERT_FALSE(refused) << text;
        auto const info = anonymous(test).validate({.access_token = Secret(text)});
        if (info) {
            EXPECT_FALSE(info->active) << text;
            EXPECT_EQ(to_json(*info), to_json(TokenInfo{})) << "nothing is told of a bad token";
        } else {
            EXPECT_EQ(info.error().reason, "validation_failed") << text;
        }
    }
    EXPECT_TRUE(test.backend.authenticate(Secret(forged(good, header, signature))));
}

TEST(AccessTokens, AreDescribedWhileTheyAreGood) {
    TestBackend const test([](Config& config) { config.auth.issuer = "https://id.example.com"; });
    auto const tokens = test.sign_up("ada@example.com");
    auto const info = anonymous(test).validate({.access_token = Secret(tokens.access_token)}).value();
    EXPECT_TRUE(info.active);
    EXPECT_EQ(info.token_type, "Bearer");
    EXPECT_EQ(info.iss, "https://id.example.com");
    EXPECT_EQ(info.user_id, tokens.user_id);
    EXPECT_EQ(info.organization_id, tokens.organization_id);
    EXPECT_EQ(info.role, "owner");
    EXPECT_TRUE(info.sub.value().starts_with("acc_"));
    EXPECT_TRUE(info.session_id.value().starts_with("ses_"));
    EXPECT_EQ(*info.exp - *info.iat, 900);
    ASSERT_TRUE(test.as(tokens).auth().logout());
    EXPECT_FALSE(anonymous(test).validate({.access_token = Secret(tokens.access_token)})->active);
}

TEST(AccessTokens, AreVerifiedByThePublicKeys) {
    TestBackend const test;
    auto const keys = anonymous(test).keys().value();
    ASSERT_EQ(keys.keys.size(), 1U);
    auto const& key = keys.keys[0];
    EXPECT_EQ(key.kty, "EC");
    EXPECT_EQ(key.crv, "P-256");
    EXPECT_EQ(key.alg, "ES256");
    EXPECT_EQ(key.use, "sig");
    EXPECT_EQ(base::base64url_decode(key.x)->size(), 32U);
    EXPECT_EQ(base::base64url_decode(key.y.value())->size(), 32U);
    auto const token = test.sign_up("ada@example.com").access_token;
    EXPECT_THAT(base::base64url_decode(token.substr(0, token.find('.'))).value(), HasSubstr(key.kid));
    EXPECT_THAT(to_json(keys), Not(HasSubstr("\"d\"")));
}

TEST(Logout, RefusesBothTokensAtOnceAlthoughTheyAreRemembered) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    auto const api = test.as(tokens);
    auto const other = anonymous(test).login({.email = "ada@example.com", .password = "correct horse"}).value();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(api.users().me());
    ASSERT_TRUE(api.auth().logout());
    EXPECT_EQ(api.users().me().error().reason, "session_ended");
    EXPECT_EQ(api.auth().logout().error().code, Errc::unauthenticated);
    EXPECT_EQ(api.auth().refresh({.refresh_token = Secret(tokens.refresh_token)}).error().reason,
              "refresh_token_invalid");
    EXPECT_TRUE(test.as(other).users().me()) << "another session of the same account goes on";
    auto const rows = Database(test).audit("auth.logout");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_TRUE(rows[0].target.starts_with("ses_"));
    EXPECT_EQ(rows[0].organization_id, tokens.organization_id);
}

TEST(Logout, NeedsASession) {
    TestBackend const test;
    EXPECT_EQ(anonymous(test).logout().error().reason, "sign_in_required");
    Caller const trusted{.kind = CallerKind::account, .account_id = "acc_1", .organization_id = "org_1"};
    EXPECT_EQ(test.backend.as(trusted).auth().logout().error().reason, "no_session");
}

TEST(Logout, HoldsInAnotherProcessWithinASecond) {
    TestBackend const test;
    auto const tokens = test.sign_up("ada@example.com");
    auto const second = Backend::open(test.config(nullptr)).value();
    auto const there = second.authenticate(Secret(tokens.access_token)).value();
    EXPECT_TRUE(there.users().me());
    ASSERT_TRUE(test.as(tokens).auth().logout());
    test.clock->advance(seconds(1));
    EXPECT_EQ(there.users().me().error().reason, "session_ended");
}

TEST(Rights, ChangeAtOnceForRememberedTokens) {
    TestBackend const test;
    auto const owner = test.as(test.sign_up("ada@example.com"));
    auto const bob = owner.users().create({.email = "bob@example.com", .role = Role::admin, .password = "bobs horse"});
    ASSERT_TRUE(bob);
    auto const tokens = anonymous(test).login({.email = "bob@example.com", .password = "bobs horse"}).value();
    auto const api = test.as(tokens);
    EXPECT_TRUE(api.users().create({.email = "cleo@example.com"}));
    ASSERT_TRUE(owner.users().update({.id = bob->id, .role = Role::viewer}));
    EXPECT_EQ(api.users().create({.email = "dora@example.com"}).error().code, Errc::permission_denied);
    EXPECT_EQ(anonymous(test).validate({.access_token = Secret(tokens.access_token)})->role, "viewer");
    ASSERT_TRUE(owner.users().update({.id = bob->id, .role = Role::admin}));
    EXPECT_TRUE(api.users().create({.email = "dora@example.com"}));
    ASSERT_TRUE(owner.users().remove({.id = bob->id}));
    EXPECT_EQ(api.users().me().error().reason, "session_ended");
    EXPECT_EQ(api.auth().refresh({.refresh_token = Secret(tokens.refresh_token)}).error().reason,
              "refresh_token_invalid");
    EXPECT_EQ(anonymous(test).login({.email = "bob@example.com", .password = "bobs horse"}).error().reason,
              "credentials_invalid")
        << "the account went with its last membership";
}

}  // namespace

}  // namespace nexpo

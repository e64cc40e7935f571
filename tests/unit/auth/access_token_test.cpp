// SPDX-License-Identifier: Apache-2.0
#include "auth/access_token.hpp"

#include <gtest/gtest.h>

#include "nexpo/testing/clock.hpp"
#include "unit/crypto/token_forge.hpp"

namespace nexpo::auth {

namespace {

constexpr std::string_view kHeader = R"({"alg":"ES256","typ":"at+jwt"})";

struct AccessTokenTest : ::testing::Test {
    std::string make() const {
        return tokens
            .make({.account_id = "acc_1", .organization_id = "org_1", .session_id = "ses_1", .token_id = "tok_1"}, now)
            .value();
    }

    /// Claims as ours are, with changes: a null claim is left out.
    std::string claims(std::vector<std::pair<std::string, Json>> const& changes) const {
        auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
        Json all(Json::Object{});
        all.set("iss", "nexpo").set("aud", "nexpo").set("sub", "acc_1").set("org", "org_1").set("sid", "ses_1");
        all.set("jti", "tok_1").set("iat", std::int64_t{seconds}).set("exp", std::int64_t{seconds} + 900);
        for (auto const& [name, value] : changes) all.set(name, value);
        std::erase_if(*all.if_object(), [](auto const& member) { return member.second.is_null(); });
        return all.dump();
    }

    crypto::TokenFault fault(std::string_view text) const {
        auto found = crypto::TokenFault::none;
        auto const read = tokens.read(text, now, &found);
        EXPECT_EQ(read.has_value(), found == crypto::TokenFault::none);
        if (!read) {
            EXPECT_EQ(read.error().code, Errc::unauthenticated);
        }
        return found;
    }

    Timestamp now = testing::ManualClock().now();
    crypto::TokenForge forge;
    AccessTokens tokens{forge.key(), AuthConfig{}};
};

TEST_F(AccessTokenTest, ReadsBackWhatItMade) {
    auto const read = tokens.read(make(), now, nullptr);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->account_id, "acc_1");
    EXPECT_EQ(read->organization_id, "org_1");
    EXPECT_EQ(read->session_id, "ses_1");
    EXPECT_EQ(read->token_id, "tok_1");
    EXPECT_EQ(read->expires_at - read->issued_at, 900);
}

TEST_F(AccessTokenTest, ExpiresByTheClock) {
    auto const text = make();
    EXPECT_TRUE(tokens.read(text, now + std::chrono::seconds(900) - std::chrono::microseconds(1), nullptr));
    auto const late = tokens.read(text, now + std::chrono::seconds(900), nullptr);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().reason, "token_expired");
}

TEST_F(AccessTokenTest, LivesAsLongAsConfigured) {
    AccessTokens const brief(forge.key(), {.access_token_seconds = 60});
    auto const text =
        brief.make({.account_id = "acc_1", .organization_id = "org_1", .session_id = "ses_1"}, now).value();
    EXPECT_TRUE(brief.read(text, now + std::chrono::seconds(59), nullptr));
    EXPECT_FALSE(brief.read(text, now + std::chrono::seconds(60), nullptr));
    EXPECT_EQ(brief.lifetime_seconds(), 60);
}

TEST_F(AccessTokenTest, RefusesWhatAnotherSigned) {
    crypto::TokenForge const other;
    EXPECT_NE(fault(AccessTokens(other.key(), {}).make({.account_id = "acc_1", .session_id = "ses_1"}, now).value()),
              crypto::TokenFault::none);
    EXPECT_NE(fault(other.es256(kHeader, claims({}))), crypto::TokenFault::none);
    EXPECT_EQ(fault(forge.es256(kHeader, claims({}))), crypto::TokenFault::none);
}

TEST_F(AccessTokenTest, RefusesOtherIssuers) {
    AccessTokens const elsewhere(forge.key(), {.issuer = "https://id.example"});
    EXPECT_EQ(
        fault(elsewhere.make({.account_id = "acc_1", .organization_id = "org_1", .session_id = "ses_1"}, now).value()),
        crypto::TokenFault::issuer);
}

TEST_F(AccessTokenTest, RefusesForgedHeaders) {
    auto const payload = claims({});
    auto const key_text = forge.key().public_jwk().dump();
    std::vector<std::string> const forged{
        crypto::TokenForge::encode(R"({"alg":"none","typ":"at+jwt"})") + "." + crypto::TokenForge::encode(payload) +
            ".",
        crypto::TokenForge::encode(R"({"alg":"none"})") + "." + crypto::TokenForge::encode(payload),
        crypto::TokenForge::hs256(key_text, R"({"alg":"HS256","typ":"at+jwt"})", payload),
        forge.es256(R"({"alg":"ES256","typ":"JWT"})", payload),
        forge.es256(R"({"alg":"ES256"})", payload),
        forge.es256(R"({"alg":"none","typ":"at+jwt"})", payload),
        forge.es256(R"({"alg":"ES256","typ":"at+jwt","crit":["b64"],"b64":false})", payload),
        forge.es256(R"({"alg":"ES256","typ":"at+jwt","kid":"unknown"})", payload)};
    for (auto const& text : forged) EXPECT_NE(fault(text), crypto::TokenFault::none) << text;
}

TEST_F(AccessTokenTest, RefusesOtherClaims) {
    std::vector<std::vector<std::pair<std::string, Json>>> const bad{{{"iss", "other"}}, {{"iss", nullptr}},
                                                                     {{"aud", "other"}}, {{"aud", nullptr}},
                                                                     {{"sub", ""}},      {{"sub", nullptr}},
                                                                     {{"exp", nullptr}}, {{"exp", "never"}},
                                                                     {{"sid", nullptr}}, {{"sid", ""}},
                                                                     {{"sid", 7}},       {{"org", nullptr}},
                                                                     {{"org", ""}},      {{"org", Json::Array{}}},
                                                                     {{"exp", 0}},       {{"iat", 4'000'000'000.0}}};
    for (auto const& changes : bad) {
        EXPECT_NE(fault(forge.es256(kHeader, claims(changes))), crypto::TokenFault::none) << changes[0].first;
    }
}

TEST_F(AccessTokenTest, RefusesGarbage) {
    auto const good = make();
    for (std::size_t i = 0; i < good.size(); i += 7) {
        auto bad = good;
        bad[i] = bad[i] == 'x' ? 'y' : 'x';
        EXPECT_NE(fault(bad), crypto::TokenFault::none) << i;
        EXPECT_NE(fault(good.substr(0, i)), crypto::TokenFault::none) << i;
    }
    for (auto const& text : {std::string("."), std::string(".."), std::string("..."), std::string(8'192, '.'),
                             std::string(1'000'000, 'e'), std::string("\0\0\0", 3), good + ".", good + "A"}) {
        EXPECT_NE(fault(text), crypto::TokenFault::none) << text.substr(0, 20);
    }
}

TEST_F(AccessTokenTest, HoldsNoRole) {
    auto const text = make();
    auto const payload = base::base64url_decode(text.substr(text.find('.') + 1, text.rfind('.') - text.find('.') - 1));
    ASSERT_TRUE(payload);
    EXPECT_EQ(payload->find("role"), std::string::npos);
}

}  // namespace

}  // namespace nexpo::auth

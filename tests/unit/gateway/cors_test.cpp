// SPDX-License-Identifier: Apache-2.0
#include "gateway/cors.hpp"

#include <gtest/gtest.h>

#include "gateway/fixed_headers.hpp"

namespace nexpo::gateway {
namespace {

std::string fixed(GatewayConfig const& config, bool secure, bool granted, std::string_view name) {
    Response const response{.fixed_headers = FixedHeaders(config).lines(secure, granted)};
    return std::string(response.header(name).value_or("(none)"));
}

TEST(CorsPolicy, AllowsWhatIsListed) {
    CorsPolicy const policy({.cors_origins = {"https://app.example.com", "https://*.example.org"}});
    for (auto const* origin : {"https://app.example.com", "https://a.example.org"}) {
        EXPECT_TRUE(policy.allows(origin)) << origin;
    }
    for (auto const* origin :
         {"", "null", "*", "https://app.example.com:8443", "http://app.example.com", "https://APP.example.com",
          "https://example.org", "https://app.example.com, https://x"}) {
        EXPECT_FALSE(policy.allows(origin)) << origin;
    }
}

TEST(CorsPolicy, AllowsNobodyByDefaultAndEverybodyByStar) {
    EXPECT_FALSE(CorsPolicy(GatewayConfig{}).allows("https://app.example.com"));
    EXPECT_FALSE(CorsPolicy(GatewayConfig{}).allows("null"));
    CorsPolicy const star({.cors_origins = {"*"}});
    EXPECT_TRUE(star.allows_any());
    EXPECT_TRUE(star.allows("null"));
}

TEST(FixedHeaders, ProtectEveryAnswer) {
    for (bool const secure : {false, true}) {
        for (bool const granted : {false, true}) {
            EXPECT_EQ(fixed({}, secure, granted, "X-Content-Type-Options"), "nosniff");
            EXPECT_EQ(fixed({}, secure, granted, "Referrer-Policy"), "no-referrer");
            EXPECT_EQ(fixed({}, secure, granted, "Content-Security-Policy"),
                      "default-src 'none'; frame-ancestors 'none'");
            EXPECT_EQ(fixed({}, secure, granted, "Cross-Origin-Resource-Policy"), "same-origin");
            EXPECT_EQ(fixed({}, secure, granted, "Strict-Transport-Security"), "(none)");
        }
    }
}

TEST(FixedHeaders, SayHstsOverTlsOnly) {
    GatewayConfig const config{.hsts_seconds = 31'536'000};
    EXPECT_EQ(fixed(config, true, false, "Strict-Transport-Security"), "max-age=31536000");
    EXPECT_EQ(fixed(config, false, false, "Strict-Transport-Security"), "(none)");
}

TEST(FixedHeaders, NameWhatAnswersDependOn) {
    std::vector<std::string> const list{"https://app.example.com"};
    EXPECT_EQ(fixed({}, false, false, "Vary"), "Accept-Encoding");
    EXPECT_EQ(fixed({.compress = false}, false, false, "Vary"), "(none)");
    EXPECT_EQ(fixed({.cors_origins = list}, false, false, "Vary"), "Accept-Encoding, Origin");
    EXPECT_EQ(fixed({.cors_origins = list, .compress = false}, false, true, "Vary"), "Origin");
    EXPECT_EQ(fixed({.cors_origins = {"*"}}, false, true, "Vary"), "Accept-Encoding");
}

TEST(FixedHeaders, OpenAnswersToGrantedPagesOnly) {
    GatewayConfig const config{.cors_origins = {"https://app.example.com"}, .cors_credentials = true};
    EXPECT_EQ(fixed(config, false, true, "Access-Control-Allow-Credentials"), "true");
    EXPECT_NE(fixed(config, false, true, "Access-Control-Expose-Headers").find("ETag"), std::string::npos);
    EXPECT_EQ(fixed(config, false, false, "Access-Control-Allow-Credentials"), "(none)");
    EXPECT_EQ(fixed(config, false, false, "Access-Control-Expose-Headers"), "(none)");
    EXPECT_EQ(fixed({.cors_origins = {"*"}}, false, true, "Access-Control-Allow-Origin"), "*");
}

TEST(FixedHeaders, OfEqualSettingsAreKeptOnce) {
    EXPECT_EQ(FixedHeaders(GatewayConfig{}).lines(true, false).data(),
              FixedHeaders(GatewayConfig{}).lines(false, false).data());
}

}  // namespace
}  // namespace nexpo::gateway

// SPDX-License-Identifier: Apache-2.0
#include "base/origin.hpp"

#include <gtest/gtest.h>

namespace nexpo::base {
namespace {

TEST(OriginPattern, TakesWhatBrowsersSend) {
    for (std::string_view const origin :
         {"https://app.example.com", "http://localhost", "http://localhost:3000", "https://example.com:8443",
          "http://127.0.0.1:8080", "http://[::1]:3000", "http://[::1]", "capacitor://localhost",
          "chrome-extension://abcdefgh", "https://xn--bcher-kva.example", "https://a_b.example"}) {
        auto const pattern = OriginPattern::parse(origin);
        ASSERT_TRUE(pattern) << origin;
        EXPECT_TRUE(pattern->matches(origin)) << origin;
        EXPECT_FALSE(pattern->is_wildcard()) << origin;
        EXPECT_FALSE(pattern->matches(std::string(origin) + "x")) << origin;
    }
}

TEST(OriginPattern, RefusesWhatNoBrowserSends) {
    for (std::string_view const text : {"",
                                        "*",
                                        "null",
                                        "app.example.com",
                                        "https://",
                                        "https://app.example.com/",
                                        "https://app.example.com/path",
                                        "HTTPS://app.example.com",
                                        "https://App.example.com",
                                        "https://app.example.com:443",
                                        "http://app.example.com:80",
                                        "https://app.example.com:",
                                        "https://app.example.com:0",
                                        "https://app.example.com:080",
                                        "https://app.example.com:65536",
                                        "https://app.example.com:8a",
                                        "https://user@app.example.com",
                                        "https://app..example.com",
                                        "https://.example.com",
                                        "https://app.example.com.",
                                        "https://b\xc3\xbc.example",
                                        "https://a b.example",
                                        "https://[::1",
                                        "https://[xyz]",
                                        "https://[]",
                                        "://app",
                                        "1http://app",
                                        "https://app.example.com\r\nX: y",
                                        "https://*.com",
                                        "https://*.localhost",
                                        "https://*",
                                        "https://*.*.example.com",
                                        "https://app.*.example.com",
                                        "https://a*.example.com",
                                        "https://*example.com",
                                        "*://app.example.com",
                                        "https://app.example.com:*"}) {
        EXPECT_FALSE(OriginPattern::parse(text)) << text;
    }
    EXPECT_FALSE(OriginPattern::parse("https://" + std::string(64, 'a') + ".example"));
    EXPECT_FALSE(OriginPattern::parse("https://" + std::string(400, 'a')));
}

TEST(OriginPattern, StarStandsForOneLabel) {
    auto const pattern = OriginPattern::parse("https://*.example.com");
    ASSERT_TRUE(pattern);
    for (auto const* origin : {"https://a.example.com", "https://a-1.example.com", "https://xn--a.example.com"}) {
        EXPECT_TRUE(pattern->matches(origin)) << origin;
    }
    for (auto const* origin :
         {"https://example.com", "https://.example.com", "https://a.b.example.com", "http://a.example.com",
          "https://a.example.com:8443", "https://a.example.com.evil.org", "https://evil.org/.example.com",
          "https://evil.org#.example.com", "https://evil@.example.com", "https://aexample.com", "https://A.example.com",
          "https://a.example.org", "null", "", "https://*.example.com", "https://a\r\n.example.com"}) {
        EXPECT_FALSE(pattern->matches(origin)) << origin;
    }
    auto const with_port = OriginPattern::parse("http://*.dev.example.com:3000");
    ASSERT_TRUE(with_port);
    EXPECT_TRUE(with_port->matches("http://pr-7.dev.example.com:3000"));
    EXPECT_FALSE(with_port->matches("http://pr-7.dev.example.com"));
}

}  // namespace
}  // namespace nexpo::base

// SPDX-License-Identifier: Apache-2.0
#include "net/request_rules.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <string>

namespace nexpo::net {
namespace {

using namespace std::chrono_literals;

TEST(RequestRules, WantSensibleLimits) {
    EXPECT_TRUE(check_request({.url = "http://example.com/"}));
    EXPECT_FALSE(check_request({.timeout = 0ms}));
    EXPECT_FALSE(check_request({.connect_timeout = -1ms}));
    EXPECT_TRUE(check_request({.timeout = 24h, .connect_timeout = 24h}));
    EXPECT_FALSE(check_request({.timeout = 24h + 1ms}));
    EXPECT_FALSE(check_request({.timeout = std::chrono::milliseconds::max()}));
    EXPECT_FALSE(check_request({.connect_timeout = std::chrono::milliseconds::max()}));
    EXPECT_FALSE(check_request({.max_response_bytes = 0}));
    EXPECT_FALSE(check_request({.max_response_bytes = std::numeric_limits<std::size_t>::max()}));
    EXPECT_FALSE(check_request({.max_header_bytes = 0}));
    EXPECT_FALSE(check_request({.max_redirects = -1}));
    EXPECT_FALSE(check_request({.method = "HEAD", .body = "x"}));
    EXPECT_FALSE(check_request({.headers = {{.name = "X", .value = std::string(70'000, 'x')}}}));
    EXPECT_FALSE(check_request({.headers = {{.name = "X", .value = " x"}}}));
    EXPECT_TRUE(check_request({.headers = {{.name = "X", .value = "caf\xc3\xa9\tx"}}}));
    auto const refused = check_request({.headers = {{.name = "X", .value = "secret\n"}}});
    EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
}

TEST(RequestRules, WantSensibleRepeats) {
    constexpr auto kForever = std::chrono::milliseconds::max();
    EXPECT_TRUE(
        check_request({.retry = RetryPolicy{.max_attempts = 1, .base = 0ms, .cap = 0ms, .max_retry_after = 0ms}}));
    for (auto const& policy : {RetryPolicy{.max_attempts = 0}, RetryPolicy{.base = -1ms}, RetryPolicy{.base = kForever},
                               RetryPolicy{.cap = -1ms}, RetryPolicy{.cap = kForever},
                               RetryPolicy{.max_retry_after = -1ms}, RetryPolicy{.max_retry_after = kForever}}) {
        EXPECT_EQ(check_request({.retry = policy}).error().reason, "request_invalid");
    }
}

TEST(RequestRules, NeverLeaveTlsByARedirect) {
    HttpRequest request;
    auto const secure = parse_url("https://example.com/").value();
    auto const plain = parse_url("http://example.com/").value();
    EXPECT_EQ(follow_redirect(request, 302, secure, plain).error().reason, "redirect_refused");
    EXPECT_TRUE(follow_redirect(request, 302, plain, secure));
}

TEST(RequestRules, KeepLittleAcrossOrigins) {
    auto const from = parse_url("https://example.com/").value();
    auto const to = parse_url("https://example.com:8443/").value();
    HttpRequest request{.headers = {{.name = "Authorization", .value = "1"},
                                    {.name = "X-Api-Key", .value = "2"},
                                    {.name = "Cookie", .value = "3"},
                                    {.name = "Accept", .value = "4"}},
                        .source = UrlSource::configuration};
    ASSERT_TRUE(follow_redirect(request, 302, from, to));
    ASSERT_EQ(request.headers.size(), 1U);
    EXPECT_EQ(request.headers[0].name, "Accept");
    EXPECT_EQ(request.source, UrlSource::user);
}

TEST(RequestRules, FindRedirects) {
    auto const from = parse_url("http://example.com/a").value();
    auto const target = [&from](int status, HttpHeaders headers) {
        return redirect_target({.status = status, .headers = std::move(headers)}, from);
    };
    HttpHeaders const location{{.name = "location", .value = "b"}};
    for (int const status : {301, 302, 303, 307, 308}) {
        EXPECT_EQ(target(status, location).value()->text, "http://example.com/b");
        EXPECT_FALSE(target(status, {}).value());
    }
    for (int const status : {200, 201, 300, 304, 305, 404}) EXPECT_FALSE(target(status, location).value()) << status;
    EXPECT_EQ(target(302, {{.name = "Location", .value = "ftp://x/"}}).error().reason, "url_invalid");
}

}  // namespace
}  // namespace nexpo::net

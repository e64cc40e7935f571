// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestBackend;

constexpr char const* kOrigin = "https://app.example.com";

std::string header(Response const& response, std::string_view name) {
    return std::string(response.header(name).value_or("(none)"));
}

class Door {
 public:
    explicit Door(void (*adjust)(Config&)) : test_(adjust), gateway_(test_.backend.gateway()) {}

    Response send(std::string method, std::string target, std::string origin, std::vector<Header> more = {},
                  std::string body = {}) const {
        if (!origin.empty()) more.push_back({"Origin", std::move(origin)});
        return gateway_.handle(Request{.method = std::move(method),
                                       .target = std::move(target),
                                       .headers = std::move(more),
                                       .body = std::move(body)});
    }

    Response preflight(std::string target, std::string origin, std::string method) const {
        return send("OPTIONS", std::move(target), std::move(origin),
                    {{"Access-Control-Request-Method", std::move(method)},
                     {"Access-Control-Request-Headers", "authorization,if-match"}});
    }

    Gateway const& gateway() const { return gateway_; }

 private:
    TestBackend test_;
    Gateway gateway_;
};

void allow_one(Config& config) {
    config.gateway.cors_origins = {kOrigin};
    config.gateway.hsts_seconds = 1000;
}

void allow_all(Config& config) {
    config.gateway.cors_origins = {"*"};
}

TEST(GatewayBrowser, AnswersPreflightsWithWhatThePathHas) {
    Door const door(allow_one);
    auto const answer = door.preflight("/users/usr_1", kOrigin, "PATCH");
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(header(answer, "Access-Control-Allow-Origin"), kOrigin);
    EXPECT_EQ(header(answer, "Access-Control-Allow-Methods"), "GET, HEAD, PATCH, DELETE, OPTIONS");
    for (auto const* name : {"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match",
                             "traceparent", "Content-Encoding"}) {
        EXPECT_THAT(header(answer, "Access-Control-Allow-Headers"), HasSubstr(name));
    }
    EXPECT_EQ(header(answer, "Access-Control-Max-Age"), "600");
    EXPECT_EQ(header(answer, "Access-Control-Allow-Credentials"), "(none)");
    EXPECT_THAT(header(answer, "Vary"), HasSubstr("Origin"));
    EXPECT_EQ(header(door.preflight("/users", kOrigin, "DELETE"), "Access-Control-Allow-Methods"),
              "POST, GET, HEAD, OPTIONS");
}

TEST(GatewayBrowser, TellsOtherPagesNothing) {
    Door const door(allow_one);
    for (auto const* origin : {"https://evil.example", "null", "", "http://app.example.com"}) {
        for (auto const& answer :
             {door.preflight("/users", origin, "POST"), door.send("GET", "/health/live", origin)}) {
            for (auto const& [name, value] : answer.all_headers()) {
                EXPECT_THAT(name, Not(HasSubstr("Access-Control"))) << origin;
            }
            EXPECT_THAT(header(answer, "Vary"), HasSubstr("Origin"));
        }
        // The request itself runs: CORS protects readers, not the server.
        EXPECT_EQ(door.send("GET", "/health/live", origin).status, 200);
        EXPECT_EQ(header(door.preflight("/users", origin, "POST"), "Allow"), "POST, GET, HEAD, OPTIONS");
    }
    auto const twice = door.send("GET", "/health/live", kOrigin, {{"Origin", "https://evil.example"}});
    EXPECT_EQ(header(twice, "Access-Control-Allow-Origin"), "(none)");
}

TEST(GatewayBrowser, LetsGrantedPagesReadErrors) {
    Door const door(allow_one);
    for (auto const& answer :
         {door.send("GET", "/users/me", kOrigin), door.send("GET", "/nothing", kOrigin),
          door.send("PUT", "/users", kOrigin), door.send("GET", "/users/me", kOrigin, {{"Accept", "text/html"}}),
          door.preflight("/nothing", kOrigin, "GET")}) {
        EXPECT_GE(answer.status, 400);
        EXPECT_EQ(header(answer, "Access-Control-Allow-Origin"), kOrigin);
        EXPECT_THAT(header(answer, "Access-Control-Expose-Headers"), HasSubstr("Retry-After"));
    }
}

TEST(GatewayBrowser, MayBeOpenToEverybody) {
    Door const door(allow_all);
    for (auto const* origin : {"https://any.example", "null", ""}) {
        auto const answer = door.send("GET", "/.well-known/jwks.json", origin);
        EXPECT_EQ(header(answer, "Access-Control-Allow-Origin"), "*") << origin;
        EXPECT_EQ(header(answer, "Vary"), "Accept-Encoding");
    }
}

TEST(GatewayBrowser, HardensEveryAnswer) {
    Door const door(allow_one);
    for (auto const& answer : {door.send("GET", "/", ""), door.send("GET", "/nothing", ""),
                               door.send("GET", "/users/me", ""), door.send("OPTIONS", "*", ""),
                               door.send("POST", "/auth/login", "", {}, "x"), door.send("HEAD", "/openapi.json", "")}) {
        EXPECT_EQ(header(answer, "X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(header(answer, "Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
        EXPECT_EQ(header(answer, "Strict-Transport-Security"), "(none)");
    }
    auto const secure = door.gateway().handle(Request{.method = "GET", .target = "/", .secure = true});
    EXPECT_EQ(header(secure, "Strict-Transport-Security"), "max-age=1000");
}

TEST(GatewayBrowser, CompletesAnswersOfTheServersOwn) {
    Door const door(allow_one);
    auto const complete = [&](std::vector<Header> headers, bool secure) {
        Response response{.status = 413, .headers = {{"Content-Type", "text/plain"}}, .body = "too much"};
        door.gateway().complete({.headers = std::move(headers), .secure = secure}, response);
        EXPECT_EQ(response.status, 413);
        EXPECT_EQ(response.body, "too much");
        EXPECT_EQ(header(response, "Content-Type"), "text/plain");
        EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
        EXPECT_THAT(header(response, "Vary"), HasSubstr("Origin"));
        return response;
    };
    auto const allowed = complete({{"origin", kOrigin}}, true);
    EXPECT_EQ(header(allowed, "Access-Control-Allow-Origin"), kOrigin);
    EXPECT_EQ(header(allowed, "Strict-Transport-Security"), "max-age=1000");
    EXPECT_EQ(allowed.fixed_headers,
              door.gateway().handle({.headers = {{"Origin", kOrigin}}, .secure = true}).fixed_headers);

    auto const foreign = complete({{"Origin", "https://evil.example"}}, false);
    EXPECT_EQ(header(foreign, "Access-Control-Allow-Origin"), "(none)");
    EXPECT_EQ(header(foreign, "Strict-Transport-Security"), "(none)");
    auto const twice = complete({{"Origin", kOrigin}, {"Origin", kOrigin}}, false);
    EXPECT_EQ(header(twice, "Access-Control-Allow-Origin"), "(none)");
    EXPECT_EQ(header(complete({}, false), "Access-Control-Expose-Headers"), "(none)");
}

TEST(GatewayBrowser, RefusesToOpenWithWrongOrigins) {
    testing::TempDir const directory;
    auto const backend = Backend::open(
        {.database = "sqlite:" + directory.file("x.db"), .gateway = {.cors_origins = {"app.example.com"}}});
    ASSERT_FALSE(backend);
    EXPECT_EQ(backend.error().code, Errc::invalid_argument);
    EXPECT_EQ(backend.error().violations.at(0).field, "/gateway/cors_origins/0");
}

}  // namespace

}  // namespace nexpo

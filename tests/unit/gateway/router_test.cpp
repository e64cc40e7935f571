// SPDX-License-Identifier: Apache-2.0
#include "gateway/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexpo::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Router sample_router() {
    Router router;
    std::size_t number = 0;
    for (auto const& [method, path] : {std::pair{"GET", "/"},
                                       {"GET", "/users"},
                                       {"POST", "/users"},
                                       {"GET", "/users/{id}"},
                                       {"PATCH", "/users/{id}"},
                                       {"GET", "/users/me"},
                                       {"GET", "/users/{id}/notes/{note}"},
                                       {"GET", "/users/me/keys"},
                                       {"GET", "/.well-known/jwks.json"}}) {
        EXPECT_TRUE(router.add(method, path, number++)) << path;
    }
    return router;
}

TEST(Router, FindsRoutesAndParameters) {
    auto const router = sample_router();
    struct Case {
        char const* path;
        char const* method;
        std::size_t route;
        std::vector<std::string> values;
    };
    for (auto const& [path, method, route, values] : {
             Case{"/", "GET", 0, {}},
             Case{"/users", "GET", 1, {}},
             Case{"/users", "HEAD", 1, {}},
             Case{"/users", "POST", 2, {}},
             Case{"/users/7", "GET", 3, {"7"}},
             Case{"/users/7", "PATCH", 4, {"7"}},
             Case{"/users/me", "GET", 5, {}},
             Case{"/users/m%65", "GET", 5, {}},
             Case{"/us%65rs", "GET", 1, {}},
             Case{"/users/a%2Fb+c", "GET", 3, {"a/b+c"}},
             Case{"/users/%00", "GET", 3, {std::string(1, '\0')}},
             Case{"/users/..", "GET", 3, {".."}},
             Case{"/users/7/notes/8", "GET", 6, {"7", "8"}},
             Case{"/users/me/notes/8", "GET", 6, {"me", "8"}},
             Case{"/users/me/keys", "GET", 7, {}},
             Case{"/.well-known/jwks.json", "GET", 8, {}},
         }) {
        auto const match = router.find(path);
        ASSERT_NE(match.endpoint, nullptr) << path;
        EXPECT_EQ(match.endpoint->find(method), route) << path;
        EXPECT_EQ(match.values, values) << path;
    }
}

TEST(Router, FindsNothingElse) {
    auto const router = sample_router();
    for (auto const* path : {"", "users", "/user", "/users/", "//", "/users//notes/8", "/users/7/notes", "/Users",
                             "/users/7/notes/8/9", "/users/me/", "/users%2F7", "*"}) {
        auto const match = router.find(path);
        EXPECT_EQ(match.endpoint, nullptr) << path;
        EXPECT_FALSE(match.malformed) << path;
    }
    EXPECT_EQ(router.find(std::string(100'000, '/')).endpoint, nullptr);
}

TEST(Router, TellsMalformedPathsApart) {
    auto const router = sample_router();
    EXPECT_TRUE(router.find("/users/%").malformed);
    EXPECT_TRUE(router.find("/%zz/unknown").malformed);
}

TEST(Router, ListsMethods) {
    auto const router = sample_router();
    EXPECT_EQ(router.find("/users").endpoint->allow(), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(router.find("/users/7").endpoint->allow(), "GET, HEAD, PATCH, OPTIONS");
    EXPECT_EQ(router.find("/users").endpoint->find("DELETE"), std::nullopt);
    EXPECT_EQ(router.find("/users").endpoint->find("get"), std::nullopt);
}

TEST(Router, RefusesTakenAndMalformedRoutes) {
    auto router = sample_router();
    EXPECT_FALSE(router.add("GET", "/users", 99));
    EXPECT_FALSE(router.add("GET", "/users/{other}", 99));
    EXPECT_FALSE(router.add("GET", "users", 99));
    EXPECT_FALSE(router.add("GET", "/users//x", 99));
    EXPECT_FALSE(router.add("GET", "/users/", 99));
    EXPECT_FALSE(router.add("", "/users", 99));
}

TEST(Path, HasSegments) {
    EXPECT_THAT(path_segments("/"), IsEmpty());
    EXPECT_THAT(path_segments("/a"), ElementsAre("a"));
    EXPECT_THAT(path_segments("/a/"), ElementsAre("a", ""));
    EXPECT_THAT(path_segments("//a"), ElementsAre("", "a"));
}

TEST(Path, NamesParameters) {
    EXPECT_EQ(parameter_name("{id}"), "id");
    for (auto const* segment : {"", "id", "{}", "{id", "id}", "{id}x"})
        EXPECT_FALSE(parameter_name(segment)) << segment;
}

}  // namespace
}  // namespace nexpo::gateway

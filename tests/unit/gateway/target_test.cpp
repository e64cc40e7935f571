// SPDX-License-Identifier: Apache-2.0
#include "gateway/target.hpp"

#include <gtest/gtest.h>

namespace nexpo::gateway {
namespace {

TEST(Target, SplitsPathAndQuery) {
    struct Case {
        char const* text;
        char const* path;
        char const* query;
    };
    for (auto const& [text, path, query] : {
             Case{"/", "/", ""},
             Case{"/users?limit=1", "/users", "limit=1"},
             Case{"/users?", "/users", ""},
             Case{"/a?b?c=/", "/a", "b?c=/"},
             Case{"/a%2Fb:@!$&'()*+,;=~", "/a%2Fb:@!$&'()*+,;=~", ""},
             Case{"http://example.org/users?x", "/users", "x"},
             Case{"HTTPS://example.org:8080", "/", ""},
             Case{"http://example.org?x=1", "/", "x=1"},
             Case{"*", "*", ""},
         }) {
        auto const target = parse_target(text);
        ASSERT_TRUE(target) << text;
        EXPECT_EQ(target->path, path) << text;
        EXPECT_EQ(target->query, query) << text;
    }
}

TEST(Target, RefusesWhatIsNoPath) {
    for (auto const* text :
         {"",       "users", "?x",        "ftp://example.org/", "example.org:443", "/a b",  "/a#b",  "/a?b#c", "/a?b c",
          "/a\x01", "/\x7f", "/\xc3\xa9", "/a?\xc3\xa9",        "/<script>",       "/a\"b", "/a\\b", "/{id}",  "**",
          "*?",     "*?a"}) {
        auto const target = parse_target(text);
        ASSERT_FALSE(target) << text;
        EXPECT_EQ(target.error().reason, "target_malformed") << text;
    }
    EXPECT_FALSE(parse_target(std::string("/a\0b", 4)));
}

TEST(Query, DecodesForms) {
    auto const query = parse_query("a=1&b=x+y%26z&&c&d=&=e&a=2=3");
    ASSERT_TRUE(query);
    std::string text;
    for (auto const& [name, value] : *query) text.append(name).append(":").append(value).append("|");
    EXPECT_EQ(text, "a:1|b:x y&z|c:|d:|:e|a:2=3|");
    EXPECT_TRUE(parse_query("")->empty());
}

TEST(Query, RefusesBrokenEncoding) {
    for (auto const* text : {"a=%", "%=a", "a=%4", "a=1&b=%zz"}) {
        auto const query = parse_query(text);
        ASSERT_FALSE(query) << text;
        EXPECT_EQ(query.error().reason, "target_malformed");
    }
}

TEST(Query, RefusesVeryManyParameters) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "a&";
    EXPECT_TRUE(parse_query(text));
    auto const query = parse_query(text + "a");
    ASSERT_FALSE(query);
    EXPECT_EQ(query.error().reason, "query_too_long");
}

}  // namespace
}  // namespace nexpo::gateway

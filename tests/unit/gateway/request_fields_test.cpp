// SPDX-License-Identifier: Apache-2.0
#include "gateway/request_fields.hpp"

#include <gtest/gtest.h>

namespace nexpo::gateway {
namespace {

TEST(RequestFields, AreFoundWithoutCase) {
    std::vector<Header> const headers{
        {"ACCEPT", "a"},          {"accept", "b"},          {"If-Match", "\"v1\""},
        {"if-none-match", "*"},   {"Traceparent", "00-"},   {"Content-Type", " text/plain\t"},
        {"x-request-id", "r"},    {"authorization", "x"},   {"Authorization", "y"},
        {"IDEMPOTENCY-KEY", "k"}, {"Content-Encoding", ""}, {"Other", "z"}};
    auto const fields = read_fields(headers);
    EXPECT_EQ(fields.accept, "a, b");
    EXPECT_EQ(fields.if_match, "\"v1\"");
    EXPECT_EQ(fields.if_none_match, "*");
    EXPECT_EQ(fields.traceparent.value, "00-");
    EXPECT_EQ(fields.content_type.value, "text/plain");
    EXPECT_EQ(fields.request_id.value, "r");
    EXPECT_EQ(fields.authorization.value, "x");
    EXPECT_EQ(fields.authorization.count, 2U);
    EXPECT_EQ(fields.idempotency_key.value, "k");
    EXPECT_TRUE(fields.content_encoding.given());
    EXPECT_GT(fields.size, 100U);
    EXPECT_FALSE(read_fields({}).accept.has_value());
}

TEST(BearerToken, IsTakenWhateverTheCaseOfItsScheme) {
    for (auto const* text : {"Bearer abc.DEF-_~+/0==", "bearer abc.DEF-_~+/0==", "BEARER  abc.DEF-_~+/0=="}) {
        EXPECT_EQ(bearer_token({.value = text, .count = 1}), "abc.DEF-_~+/0==") << text;
    }
}

TEST(BearerToken, IsEmptyWhenTheHeaderIsNotUnderstood) {
    for (auto const* text : {"", "Bearer", "Bearer ", "Basic YWRhOnB3", "Bearerabc", "abc", "Bearer a b", "Bearer =",
                             "Bearer a=b", "Bearer \"abc\"", "Bearer a,b", "Bearer \xc3\xa9", "Bearer\tabc"}) {
        EXPECT_EQ(bearer_token({.value = text, .count = 1}), "") << text;
    }
    EXPECT_EQ(bearer_token({.value = "Bearer abc", .count = 2}), "");
}

TEST(IdempotencyKey, IsAStringWithOrWithoutQuotes) {
    struct Case {
        std::string header;
        std::string key;
    };
    for (auto const& [header, key] : {
             Case{"8e03978e-40d5", "8e03978e-40d5"},
             Case{"\"8e03978e-40d5\"", "8e03978e-40d5"},
             Case{R"("a\"b\\c")", R"(a"b\c)"},
             Case{R"(a"b)", R"(a"b)"},
             Case{std::string(255, 'k'), std::string(255, 'k')},
         }) {
        auto const parsed = parse_idempotency_key({.value = header, .count = 1});
        ASSERT_TRUE(parsed) << header;
        EXPECT_EQ(*parsed, key);
    }
}

TEST(IdempotencyKey, IsRefusedOtherwise) {
    for (std::string const& header :
         {std::string(), std::string("\"\""), std::string("a b"), std::string("\"a b\""), std::string("\"a"),
          std::string("\""), std::string("\"a\"b\""), std::string(R"("a\x")"), std::string(R"("a\")"),
          std::string("\"a\";p=1"), std::string("\xc3\xa9"), std::string("a\x01"), std::string(256, 'k')}) {
        auto const parsed = parse_idempotency_key({.value = header, .count = 1});
        ASSERT_FALSE(parsed) << header;
        EXPECT_EQ(parsed.error().reason, "header_invalid");
        ASSERT_EQ(parsed.error().violations.size(), 1U);
        EXPECT_EQ(parsed.error().violations[0].rule, "idempotency_key");
    }
    EXPECT_FALSE(parse_idempotency_key({.value = "a", .count = 2}));
}

}  // namespace
}  // namespace nexpo::gateway

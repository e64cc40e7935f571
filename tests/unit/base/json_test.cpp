// SPDX-License-Identifier: Apache-2.0
#include "nexpo/json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo {
namespace {

TEST(Json, KnowsItsKind) {
    EXPECT_EQ(Json().kind(), Json::Kind::null);
    EXPECT_EQ(Json(nullptr).kind(), Json::Kind::null);
    EXPECT_EQ(Json(true).kind(), Json::Kind::boolean);
    EXPECT_EQ(Json(1).kind(), Json::Kind::integer);
    EXPECT_EQ(Json(1.0).kind(), Json::Kind::number);
    EXPECT_EQ(Json("text").kind(), Json::Kind::string);
    EXPECT_EQ(Json(Json::Array{}).kind(), Json::Kind::array);
    EXPECT_EQ(Json(Json::Object{}).kind(), Json::Kind::object);
    EXPECT_EQ(Json(1).if_string(), nullptr);
    EXPECT_EQ(*Json(1).if_integer(), 1);
}

TEST(Json, SetsFindsAndAppends) {
    Json value;
    value.set("a", 1).set("b", "two").set("a", 3);
    EXPECT_EQ(value.dump(), R"({"a":3,"b":"two"})");
    ASSERT_NE(value.find("b"), nullptr);
    EXPECT_EQ(*value.find("b")->if_string(), "two");
    EXPECT_EQ(value.find("c"), nullptr);
    EXPECT_EQ(Json(5).find("c"), nullptr);
    Json list;
    list.append(1).append(Json()).append(list);
    EXPECT_EQ(list.dump(), "[1,null,[1,null]]");
    list.set("x", 1);
    EXPECT_EQ(list.dump(), R"({"x":1})");
}

TEST(Json, PrintsForPeople) {
    Json value = Json::parse(R"({"a":[1,{"b":[]}],"c":{}})").value();
    EXPECT_EQ(value.dump_pretty(), "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}");
    EXPECT_EQ(Json::parse(value.dump_pretty()).value(), value);
}

}  // namespace
}  // namespace nexpo

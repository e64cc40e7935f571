// SPDX-License-Identifier: Apache-2.0
#include "gateway/media_type.hpp"

#include <gtest/gtest.h>

namespace nexpo::gateway {
namespace {

TEST(BodyType, IsJsonInUtf8) {
    for (auto const* type :
         {"application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8",
          "application/json ; Charset=\"utf-8\"", "application/json;", "application/json; ;charset=utf-8"}) {
        EXPECT_EQ(body_type(type), BodyType::json) << type;
    }
    EXPECT_EQ(body_type("application/merge-patch+json"), BodyType::merge_patch);
    EXPECT_EQ(body_type("application/merge-patch+json; charset=utf-8"), BodyType::merge_patch);
}

TEST(BodyType, IsOtherOtherwise) {
    for (auto const* type : {"", ";", "text/json", "application/jsonx", "application/json, application/json",
                             "application/x-www-form-urlencoded", "application/json; charset=latin1",
                             "application/json; charset", "application/json; charset=", "application/json; profile=x",
                             "application/json; charset=\"utf-8", "multipart/form-data", "\"\\", "a;\"\\"}) {
        EXPECT_EQ(body_type(type), BodyType::other) << type;
    }
}

TEST(Accept, AdmitsJson) {
    for (auto const* accept :
         {"", "*/*", "application/*", "application/json", "APPLICATION/JSON", "text/html, */*;q=0.1",
          "text/html;q=0.9,application/json;q=0.001", "application/json;charset=utf-8",
          "application/*;q=0, application/json", "garbage", "text/html;level=\"a,b\", application/json",
          "application/json; q=1.000", ",,*/*", ";;;"}) {
        EXPECT_TRUE(accepts_json(accept)) << accept;
    }
}

TEST(Accept, ExcludesJson) {
    for (auto const* accept :
         {"text/html", "application/xml", "application/json;q=0", "application/json;q=0.000, */*", "*/*;q=0",
          "application/*;q=0, */*", "text/html;x=\"application/json\"", "application/jsonp",
          "application/json;q=nonsense", "application/json;q=2", "application/json;q=0.0001", "text/*"}) {
        EXPECT_FALSE(accepts_json(accept)) << accept;
    }
}

}  // namespace
}  // namespace nexpo::gateway

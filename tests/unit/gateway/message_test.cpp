// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "nexpo/gateway.hpp"

namespace nexpo {
namespace {

TEST(Message, FindsTheFirstHeaderWithoutCase) {
    Request const request{.headers = {{"Accept", "a"}, {"ACCEPT", "b"}}};
    ASSERT_NE(request.header("accept"), nullptr);
    EXPECT_EQ(*request.header("aCCept"), "a");
    EXPECT_EQ(request.header("accep"), nullptr);
    Response const response{.headers = {{"ETag", "x"}}};
    EXPECT_EQ(response.header("etag"), "x");
    EXPECT_FALSE(response.header(""));
}

TEST(Message, ShowsFixedHeadersLikeOthers) {
    Response const response{.headers = {{"ETag", "x"}}, .fixed_headers = "A: b: c\r\nVary:Origin\r\n"};
    EXPECT_EQ(response.header("a"), "b: c");
    EXPECT_EQ(response.header("vary"), "Origin");
    EXPECT_FALSE(response.header("c"));
    auto const all = response.all_headers();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].name, "ETag");
    EXPECT_EQ(all[1].name, "A");
    EXPECT_EQ(all[1].value, "b: c");
    EXPECT_EQ(all[2].value, "Origin");
    for (std::string_view const broken : {"", "A: b", "A\r\n", "\r\n", "A: b\n"}) {
        EXPECT_FALSE(Response{.fixed_headers = broken}.header("A")) << broken;
    }
}

}  // namespace
}  // namespace nexpo

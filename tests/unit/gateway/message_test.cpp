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
    ASSERT_NE(response.header("etag"), nullptr);
    EXPECT_EQ(response.header(""), nullptr);
}

}  // namespace
}  // namespace nexpo

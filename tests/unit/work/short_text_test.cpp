// SPDX-License-Identifier: Apache-2.0
#include "work/short_text.hpp"

#include <gtest/gtest.h>

namespace nexpo::work {
namespace {

TEST(HoldsNul, FindsEscapedZerosAndNothingThatOnlyLooksLikeThem) {
    EXPECT_TRUE(holds_nul(R"({"a":"\u0000"})"));
    EXPECT_TRUE(holds_nul(R"({"a":"x\\\u0000y"})"));
    EXPECT_FALSE(holds_nul(R"({"a":"\\u0000"})"));
    EXPECT_FALSE(holds_nul(R"({"a":"u0000 \u0001 \n"})"));
    EXPECT_FALSE(holds_nul(R"({"a":"\u000"})"));
    EXPECT_FALSE(holds_nul("\\"));
    EXPECT_FALSE(holds_nul(""));
}

}  // namespace
}  // namespace nexpo::work

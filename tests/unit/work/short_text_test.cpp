// SPDX-License-Identifier: Apache-2.0
#include "work/short_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

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

TEST(NestsTooDeep, CountsWhatIsOpenAtATime) {
    auto const repeat = [](std::string_view text, std::size_t times) {
        std::string repeated;
        for (std::size_t i = 0; i < times; ++i) repeated += text;
        return repeated;
    };
    EXPECT_FALSE(nests_too_deep(repeat("[", kMaxNesting) + repeat("]", kMaxNesting)));
    EXPECT_TRUE(nests_too_deep(repeat("[", kMaxNesting + 1) + repeat("]", kMaxNesting + 1)));
    EXPECT_TRUE(nests_too_deep(repeat(R"({"a":)", kMaxNesting + 1)));
    EXPECT_FALSE(nests_too_deep("[" + repeat("[{}],", kMaxNesting) + "1]"));
    EXPECT_FALSE(nests_too_deep("\"" + repeat("[", 2 * kMaxNesting) + "\""));
    EXPECT_FALSE(nests_too_deep(R"(["\")" + repeat("[", 2 * kMaxNesting) + "\"]"));
    EXPECT_TRUE(nests_too_deep(R"(["\\")" + repeat(",[", kMaxNesting)));
    EXPECT_FALSE(nests_too_deep("\"" + repeat("[", kMaxNesting) + "\\"));
}

}  // namespace
}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#include "nexpo/error.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "nexpo/result.hpp"

namespace nexpo {
namespace {

TEST(Errc, HasSixteenDistinctNames) {
    std::set<std::string_view> names;
    for (std::uint8_t code = 1; code <= 16; ++code) names.insert(to_string(static_cast<Errc>(code)));
    EXPECT_EQ(names.size(), 16U);
    EXPECT_EQ(to_string(Errc::not_found), "not_found");
    EXPECT_EQ(to_string(static_cast<Errc>(200)), "unknown");
}

TEST(Result, ValueThrowsTheError) {
    Result<int> const result = Error{.code = Errc::aborted, .reason = "conflict", .message = "Try again."};
    EXPECT_FALSE(result);
    EXPECT_EQ(result.value_or(7), 7);
    try {
        static_cast<void>(result.value());
        FAIL() << "nothing was thrown";
    } catch (Exception const& exception) {
        EXPECT_STREQ(exception.what(), "aborted: Try again.");
        EXPECT_EQ(exception.error(), result.error());
        Exception const copy = exception;
        EXPECT_STREQ(copy.what(), exception.what());
    }
}

TEST(Result, HoldsAValueOrNothingAtAll) {
    Result<std::string> const text = std::string("abc");
    ASSERT_TRUE(text);
    EXPECT_EQ(text->size(), 3U);
    Result<void> const success;
    EXPECT_NO_THROW(success.value());
    Result<void> const failure = Error{.code = Errc::internal};
    EXPECT_THROW(failure.value(), Exception);
}

}  // namespace
}  // namespace nexpo

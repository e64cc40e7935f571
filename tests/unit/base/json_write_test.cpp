// SPDX-License-Identifier: Apache-2.0
#include "base/json_write.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "nexpo/testing/random.hpp"

namespace nexpo::base {
namespace {

std::string string_text(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

std::string number_text(double value) {
    std::string out;
    append_number(out, value);
    return out;
}

TEST(JsonWrite, EscapesWhatJsonAsksFor) {
    EXPECT_EQ(string_text(""), "\"\"");
    EXPECT_EQ(string_text("plain"), "\"plain\"");
    EXPECT_EQ(string_text("a\"b\\c/d"), R"("a\"b\\c/d")");
    EXPECT_EQ(string_text("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(string_text(std::string("\x00\x01\x1F\x7F", 4)), "\"\\u0000\\u0001\\u001f\x7F\"");
    EXPECT_EQ(string_text("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
    EXPECT_EQ(string_text("a\xFF"
                          "b\xE2\x82"),
              "\"a\xEF\xBF\xBD"
              "b\xEF\xBF\xBD\"");
}

TEST(JsonWrite, ReadsBackEveryByteAsValidText) {
    std::string text;
    for (int i = 1; i < 128; ++i) text.push_back(static_cast<char>(i));
    EXPECT_EQ(Json::parse(string_text(text)).value(), Json(text));
    for (int i = 128; i < 256; ++i) text.push_back(static_cast<char>(i));
    EXPECT_TRUE(Json::parse(string_text(text)));
}

TEST(JsonWrite, PrintsNumbersInTheirShortestPlainForm) {
    struct Case {
        double value;
        char const* text;
    };
    for (auto const& [value, text] : {
             Case{0.0, "0"},
             Case{-0.0, "-0.0"},
             Case{1.0, "1"},
             Case{-1.5, "-1.5"},
             Case{20.5, "20.5"},
             Case{0.1, "0.1"},
             Case{0.1 + 0.2, "0.30000000000000004"},
             Case{0.0005, "0.0005"},
             Case{0.000001, "0.000001"},
             Case{0.0000015, "0.0000015"},
             Case{0.0000001, "1e-7"},
             Case{100.0, "100"},
             Case{123456.789, "123456.789"},
             Case{9007199254740991.0, "9007199254740991"},
             Case{9007199254740994.0, "9007199254740994"},
             Case{9999999999999998.0, "9999999999999998"},
             Case{1e15, "1000000000000000"},
             Case{1e16, "1e16"},
             Case{4611686018427387904.0, "4.611686018427388e18"},
             Case{1.5e300, "1.5e300"},
             Case{std::numeric_limits<double>::max(), "1.7976931348623157e308"},
             Case{std::numeric_limits<double>::denorm_min(), "5e-324"},
             Case{-std::numeric_limits<double>::min(), "-2.2250738585072014e-308"},
             Case{std::numeric_limits<double>::infinity(), "null"},
             Case{std::nan(""), "null"},
         }) {
        EXPECT_EQ(number_text(value), text);
    }
}

TEST(JsonWrite, PrintsIntegersWhole) {
    EXPECT_EQ(Json(std::numeric_limits<std::int64_t>::min()).dump(), "-9223372036854775808");
    EXPECT_EQ(Json(std::numeric_limits<std::int64_t>::max()).dump(), "9223372036854775807");
}

TEST(JsonWrite, ReadsBackEveryDoubleExactly) {
    testing::SeededRandom random(42);
    auto const expect_same = [](double value) {
        Json const back = Json::parse(number_text(value)).value();
        double const read = back.if_integer() ? static_cast<double>(*back.if_integer()) : *back.if_number();
        ASSERT_EQ(std::bit_cast<std::uint64_t>(read), std::bit_cast<std::uint64_t>(value)) << number_text(value);
        if (back.if_integer()) {
            // Exactly the integer, not only one that rounds to the same double.
            ASSERT_EQ(static_cast<std::int64_t>(value), *back.if_integer());
        }
    };
    for (int i = 0; i < 200'000; ++i) {
        std::array<std::byte, 8> bytes{};
        random.fill(bytes);
        auto const bits = std::bit_cast<std::uint64_t>(bytes);
        auto const value = std::bit_cast<double>(bits);
        if (std::isfinite(value)) expect_same(value);
        // Business figures: up to 2^56 with some digits after the point.
        expect_same(static_cast<double>(bits >> 8) / std::pow(10, i % 8));
    }
}

}  // namespace
}  // namespace nexpo::base

// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo::base {
namespace {

std::string encode(unsigned c) {
    auto const byte = [](unsigned value) { return static_cast<char>(value); };
    if (c < 0x80) return {byte(c)};
    if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 63))};
    if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
    return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 63)), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
}

TEST(Utf8, AcceptsEveryCodePointButSurrogates) {
    for (unsigned c = 0; c <= 0x110000 + 0xFF; ++c) {
        bool const surrogate = c >= 0xD800 && c <= 0xDFFF;
        ASSERT_EQ(valid_utf8(encode(c)), !surrogate && c <= 0x10FFFF) << c;
    }
}

TEST(Utf8, AcceptsExactlyTheShortestForms) {
    std::size_t valid = 0;
    for (unsigned lead = 0; lead < 256; ++lead) {
        for (unsigned second = 0; second < 256; ++second) {
            std::string const two{static_cast<char>(lead), static_cast<char>(second)};
            valid += valid_utf8(two) && count_code_points(two) == 1 ? 1 : 0;
        }
    }
    EXPECT_EQ(valid, 0x800U - 0x80U);
}

TEST(Utf8, ReplacesEachInvalidPartOnce) {
    struct Case {
        std::string text;
        std::string replaced;  // "?" stands for U+FFFD
        std::size_t code_points;
    };
    // The examples of the Unicode standard, section 3.9, tables 3-8 to 3-11.
    for (auto const& [text, replaced, code_points] : {
             Case{"", "", 0},
             Case{"plain ascii text", "plain ascii text", 16},
             Case{"h\xC3\xA9llo", "h\xC3\xA9llo", 5},
             Case{"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82"
                  "A",
                  "????????A", 9},
             Case{"\xED\xA0\x80\xED\xBF\xBF\xED\xAF"
                  "A",
                  "????????A", 9},
             Case{"\xF4\x91\x92\x93\xFF"
                  "A\x80\xBF"
                  "B",
                  "?????A??B", 9},
             Case{"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
                  "A",
                  "????A", 5},
             Case{"12345678\xFF"
                  "12345678",
                  "12345678?12345678", 17},
             Case{"\xF0\x9F\x98\x80\xF0\x9F\x98", "\xF0\x9F\x98\x80?", 2},
         }) {
        std::string expected;
        bool clean = true;
        for (char c : replaced) {
            if (c == '?') clean = false;
            expected += c == '?' ? std::string(kReplacementCharacter) : std::string(1, c);
        }
        EXPECT_EQ(replace_invalid_utf8(text), expected);
        EXPECT_EQ(count_code_points(text), code_points) << replaced;
        EXPECT_EQ(valid_utf8(text), clean) << replaced;
        EXPECT_TRUE(valid_utf8(replace_invalid_utf8(text)));
    }
}

}  // namespace
}  // namespace nexpo::base

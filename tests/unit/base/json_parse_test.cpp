// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "nexpo/json.hpp"

namespace nexpo {
namespace {

/// `rule pointer`, or "fine".
std::string verdict(std::string_view text, std::size_t max_depth = 32) {
    auto const result = Json::parse(text, max_depth);
    if (result) return "fine";
    EXPECT_EQ(result.error().code, Errc::invalid_argument);
    EXPECT_EQ(result.error().reason, "json_malformed");
    if (result.error().violations.size() != 1) return "not one violation";
    Violation const& violation = result.error().violations.front();
    return violation.rule + (violation.field.empty() ? "" : " " + violation.field);
}

std::string repeat(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

TEST(JsonParse, ReadsWhatItPrints) {
    for (char const* text :
         {"null", "true", "false", "0", "-1", "1.5", "\"\"", "\"text\"", "[]", "{}", "[1,[2,[3,[]]],{}]",
          R"({"a":{"b":[{"c":null},true,"x"]},"":1,"d":[]})", "9223372036854775807", "-9223372036854775808",
          R"(["\"\\\b\f\n\r\t\u0001"])", "\"\xF0\x9F\x98\x80\"", "[[1,2],[3],[[],[4,5,6]],{\"a\":[7]}]"}) {
        auto const value = Json::parse(text);
        ASSERT_TRUE(value) << text;
        EXPECT_EQ(value->dump(), text);
    }
}

TEST(JsonParse, AcceptsWhiteSpaceAndEscapes) {
    EXPECT_EQ(Json::parse(" \t\r\n{ \"a\" : [ 1 , 2 ] } \n")->dump(), R"({"a":[1,2]})");
    EXPECT_EQ(Json::parse(R"("\u00e9\u20AC\ud83d\ude00\/")").value(), Json("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80/"));
    EXPECT_EQ(Json::parse(R"({"\u0061b":1})")->find("ab") != nullptr, true);
    std::string const text = repeat(R"(\n\u20ac-plain-)", 10'000);
    EXPECT_EQ(Json::parse("\"" + text + "\"").value(), Json(repeat("\n\xE2\x82\xAC-plain-", 10'000)));
}

TEST(JsonParse, RefusesWhatIsNoJson) {
    for (std::string const text : {"",
                                   " ",
                                   "nul",
                                   "nullx",
                                   "True",
                                   "NaN",
                                   "Infinity",
                                   "-Infinity",
                                   "-",
                                   "+1",
                                   "01",
                                   "-01",
                                   "1.",
                                   ".5",
                                   "1e",
                                   "1e+",
                                   "1.e5",
                                   "0x10",
                                   "1_000",
                                   "[",
                                   "]",
                                   "[1",
                                   "[1,",
                                   "[1,]",
                                   "[,1]",
                                   "[1 2]",
                                   "{",
                                   "{\"a\"",
                                   "{\"a\":",
                                   "{\"a\":1",
                                   "{\"a\":1,}",
                                   "{a:1}",
                                   "{'a':1}",
                                   "{\"a\" 1}",
                                   "{1:1}",
                                   "{\"a\":1 \"b\":2}",
                                   "[1}",
                                   "\"",
                                   "\"abc",
                                   "\"\\",
                                   "\"\\x\"",
                                   "\"\\u12\"",
                                   "\"\\u12g4\"",
                                   "\"\\ud800\"",
                                   "\"\\ud800\\u0041\"",
                                   "\"\\udc00\"",
                                   "\"\\ud83d\\ud83d\"",
                                   "\"a\nb\"",
                                   "\"a\tb\"",
                                   "/**/1",
                                   "1//",
                                   "[1]/**/",
                                   "1 1",
                                   "{}{}",
                                   "[] x",
                                   "\"a\"\"b\"",
                                   "\xEF\xBB\xBF{}",
                                   "\xC2\xA0"
                                   "1"}) {
        EXPECT_EQ(verdict(text), "syntax") << text;
    }
    EXPECT_EQ(verdict(std::string("\0", 1)), "syntax");
    EXPECT_EQ(verdict(std::string("1\0", 2)), "syntax");
    EXPECT_EQ(verdict(std::string("\"a\0b\"", 5)), "syntax");
    EXPECT_EQ(Json::parse("[1, x]").error().violations.front().message, "The text breaks JSON's grammar. (byte 4)");
}

TEST(JsonParse, RefusesInvalidUtf8) {
    for (std::string const text :
         {"\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\"", "\"\xE2\"",
          "\"\xE2\x82", "{\"\x80\":1}", "\"\xF8\x88\x80\x80\x80\"", "\xFF"}) {
        EXPECT_EQ(verdict(text), "encoding") << text;
    }
    EXPECT_EQ(verdict("\"" + std::string(100, 'a') + "\xC3\""), "encoding");
}

TEST(JsonParse, RefusesDuplicateNames) {
    EXPECT_EQ(verdict(R"({"a":1,"a":1})"), "unique /a");
    EXPECT_EQ(verdict(R"({"a":1,"b":2,"\u0061":1})"), "unique /a");
    EXPECT_EQ(verdict(R"({"":1,"":1})"), "unique /");
    EXPECT_EQ(verdict(R"({"x":[0,{"y":{"a/b":1,"a/b":2}}]})"), "unique /x/1/y/a~1b");
    EXPECT_EQ(verdict(R"([{"a":1},{"a":1}])"), "fine");
    EXPECT_EQ(verdict(R"({"a":{"a":{"a":1}}})"), "fine");
    EXPECT_EQ(verdict("{\"\xC3\xA9\":1,\"e\xCC\x81\":1}"), "fine");
    for (std::size_t count : {15U, 16U, 17U, 18U, 100U}) {
        std::string members;
        for (std::size_t i = 0; i < count; ++i) members += "\"m" + std::to_string(i) + "\":" + std::to_string(i) + ",";
        EXPECT_EQ(verdict("{" + members + "\"last\":0}"), "fine") << count;
        EXPECT_EQ(verdict("{" + members + "\"m0\":0}"), "unique /m0") << count;
        EXPECT_EQ(verdict("{" + members + "\"m7\":0}"), "unique /m7") << count;
    }
}

TEST(JsonParse, StaysFastWithManyNames) {
    std::string members;
    for (std::size_t i = 0; i < 200'000; ++i) members += "\"a common front of the name " + std::to_string(i) + "\":1,";
    EXPECT_EQ(verdict("{" + members + "\"z\":1}"), "fine");
    EXPECT_EQ(verdict("{" + members + "\"a common front of the name 1\":1}"), "unique /a common front of the name 1");
}

TEST(JsonParse, KeepsLongNamesOutOfTheAnswer) {
    std::string const name(100'000, 'n');
    EXPECT_EQ(verdict("{\"" + name + "\":1,\"" + name + "\":1}"), "unique");
}

TEST(JsonParse, RefusesTheNullCharacter) {
    EXPECT_EQ(verdict(R"("\u0000")"), "null_character");
    EXPECT_EQ(verdict(R"({"a":["x","b\u0000c"]})"), "null_character /a/1");
    EXPECT_EQ(verdict(R"({"x":{"a":1,"b\u0000":1}})"), "null_character /x");
    EXPECT_EQ(verdict(R"("\\u0000")"), "fine");
}

TEST(JsonParse, RefusesNumbersBeyondADouble) {
    for (char const* text : {"1e400", "-1e400", "1e309", "1.7976931348623159e308", "1e99999", "1e2147483647",
                             "1e2147483648", "1e99999999999999999999", "123456789012345678901234567890e300"}) {
        EXPECT_EQ(verdict(text), "range") << text;
        EXPECT_EQ(verdict("{\"a\":[1," + std::string(text) + "]}"), "range /a/1") << text;
    }
    EXPECT_EQ(verdict(std::string(400, '9')), "range");
    EXPECT_EQ(verdict("-" + std::string(400, '9') + ".5"), "range");
}

TEST(JsonParse, ReadsIntegersExactly) {
    struct Case {
        char const* text;
        std::int64_t value;
    };
    for (auto const& [text, value] : {
             Case{"0", 0},
             Case{"-0", 0},
             Case{"7", 7},
             Case{"-7", -7},
             Case{"123456789012345", 123456789012345},
             Case{"1234567890123456", 1234567890123456},
             Case{"12345678901234567", 12345678901234567},
             Case{"-1234567890123456", -1234567890123456},
             Case{"-12345678901234567", -12345678901234567},
             Case{"9007199254740993", 9007199254740993},
             Case{"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
             Case{"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
         }) {
        // Alone and with much behind it: the parser has a path of its own for either.
        EXPECT_EQ(Json::parse(text).value(), Json(value)) << text;
        std::string const padded = "[" + std::string(text) + std::string(100, ' ') + "]";
        EXPECT_EQ(Json::parse(padded)->if_array()->front(), Json(value)) << text;
    }
}

TEST(JsonParse, RoundsNumbersCorrectly) {
    struct Case {
        std::string text;
        double value;
    };
    for (auto const& [text, value] : {
             Case{"1.0", 1.0},
             Case{"1e2", 100.0},
             Case{"1E+2", 100.0},
             Case{"-1.5e-3", -0.0015},
             Case{"-0.0", -0.0},
             Case{"-0e5", -0.0},
             Case{"0e99999", 0.0},
             Case{"0.0e-99999", 0.0},
             Case{"9223372036854775808", 0x1p63},
             Case{"-9223372036854775809", -0x1p63},
             Case{"18446744073709551615", 0x1p64},
             Case{"18446744073709551616", 0x1p64},
             Case{"123456789012345678901234567890", 123456789012345678901234567890.0},
             Case{"9007199254740993.0", 9007199254740992.0},
             Case{"9007199254740993.00000000000000000000000000000000001", 9007199254740994.0},
             Case{"0.1", 0.1},
             Case{"2.2250738585072011e-308", 2.2250738585072011e-308},
             Case{"2.2250738585072014e-308", 2.2250738585072014e-308},
             Case{"1.7976931348623157e308", std::numeric_limits<double>::max()},
             Case{"1.7976931348623158e308", std::numeric_limits<double>::max()},
             Case{"5e-324", 5e-324},
             Case{"3e-324", 5e-324},
             Case{"2e-324", 0.0},
             Case{"1e-400", 0.0},
             Case{"-1e-99999", -0.0},
             Case{"8.5e-317", 8.5e-317},
             Case{"3.518437208883201171875e13", 35184372088832.01171875},
             Case{"6.9294956446009195e15", 6.9294956446009195e15},
             Case{"1" + std::string(400, '0') + "e-400", 1.0},
             Case{"0." + std::string(400, '0') + "1e401", 1.0},
             Case{"0." + std::string(100'000, '3'), 1.0 / 3},
         }) {
        for (std::string const& padded : {text, "[" + text + std::string(100, ' ') + "]"}) {
            auto const parsed = Json::parse(padded);
            ASSERT_TRUE(parsed) << text.substr(0, 60);
            double const* const number =
                parsed->if_array() ? parsed->if_array()->front().if_number() : parsed->if_number();
            ASSERT_NE(number, nullptr) << text.substr(0, 60);
            EXPECT_EQ(std::bit_cast<std::uint64_t>(*number), std::bit_cast<std::uint64_t>(value)) << text.substr(0, 60);
        }
    }
}

TEST(JsonParse, LimitsTheDepth) {
    EXPECT_EQ(verdict(repeat("[", 32) + repeat("]", 32)), "fine");
    EXPECT_EQ(verdict(repeat("[", 33) + repeat("]", 33)), "max_depth " + repeat("/0", 32));
    EXPECT_EQ(verdict(repeat("{\"a\":", 32) + "1" + repeat("}", 32)), "fine");
    EXPECT_EQ(verdict(repeat("{\"a\":", 33) + "1" + repeat("}", 33)), "max_depth " + repeat("/a", 32));
    EXPECT_EQ(verdict("1", 0), "fine");
    EXPECT_EQ(verdict("[]", 0), "max_depth");
    EXPECT_EQ(verdict("[[]]", 1), "max_depth /0");
    EXPECT_FALSE(Json::parse(repeat("[", 33) + repeat("]", 33)));
}

TEST(JsonParse, SurvivesDeepTextWhateverIsAskedFor) {
    constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();
    for (std::size_t depth : {10'000U, 1'000'000U}) {
        EXPECT_EQ(verdict(repeat("[", depth), kUnlimited), "max_depth");
        EXPECT_EQ(verdict(repeat("[", depth) + repeat("]", depth), kUnlimited), "max_depth");
        EXPECT_EQ(verdict(repeat("{\"a\":", depth), kUnlimited), "max_depth");
        EXPECT_EQ(verdict(repeat("[{\"a\":", depth)), "max_depth " + repeat("/0/a", 16));
    }
    std::string const deepest = repeat("[", 512) + repeat("]", 512);
    EXPECT_EQ(Json::parse(deepest, kUnlimited)->dump(), deepest);
    EXPECT_EQ(verdict("[" + deepest + "]", kUnlimited), "max_depth");
}

TEST(JsonParse, AnswersForEveryFrontOfAText) {
    std::string const text =
        R"({"a\u00e9":[1,-2.5e3,"x\n\ud83d\ude00",true,false,null,{"b":{}}],"c":18446744073709551615})";
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(Json::parse(text.substr(0, length))) << length;
    }
    EXPECT_TRUE(Json::parse(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string changed = text;
            changed[i] = static_cast<char>(byte);
            auto const value = Json::parse(changed);
            if (value) {
                EXPECT_EQ(Json::parse(value->dump())->dump(), value->dump()) << changed;
            }
        }
    }
}

}  // namespace
}  // namespace nexpo

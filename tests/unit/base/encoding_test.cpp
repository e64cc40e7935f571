// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/json_pointer.hpp"

namespace nexpo::base {
namespace {

std::string every_byte() {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    return bytes;
}

TEST(Base64, EncodesTheVectorsOfRfc4648) {
    struct Case {
        char const* bytes;
        char const* padded;
        char const* url;
    };
    for (auto const& [bytes, padded, url] :
         {Case{"", "", ""}, Case{"f", "Zg==", "Zg"}, Case{"fo", "Zm8=", "Zm8"}, Case{"foo", "Zm9v", "Zm9v"},
          Case{"foob", "Zm9vYg==", "Zm9vYg"}, Case{"fooba", "Zm9vYmE=", "Zm9vYmE"},
          Case{"foobar", "Zm9vYmFy", "Zm9vYmFy"}, Case{"\xFB\xFF\xBF", "+/+/", "-_-_"}}) {
        EXPECT_EQ(base64_encode(bytes), padded);
        EXPECT_EQ(base64url_encode(bytes), url);
        EXPECT_EQ(base64_decode(padded), bytes);
        EXPECT_EQ(base64url_decode(url), bytes);
    }
}

TEST(Base64, ReturnsEveryByteAtEveryLength) {
    std::string const bytes = every_byte();
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
        EXPECT_EQ(base64_decode(base64_encode(bytes.substr(0, length))), bytes.substr(0, length));
        EXPECT_EQ(base64url_decode(base64url_encode(bytes.substr(0, length))), bytes.substr(0, length));
    }
}

TEST(Base64, RefusesEverySpellingButOne) {
    for (std::string const text : {"Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm9v\n", " Zm9v", "Zm9v ", "Zm+v", "Zm/v",
                                   "Zm.v", "Zm\xC3\xA9", "Zm8=", "=", "===="}) {
        EXPECT_FALSE(base64url_decode(text)) << text;
    }
    for (std::string const text : {"Zg", "Zg=", "Z===", "====", "==", "=", "Zh==", "Zm9=", "Zm8", "Zg==Zg==", "Zm=v",
                                   "Zm9v\n", "Zm9v====", "-_-_", "Z g=", "Zg=\n"}) {
        EXPECT_FALSE(base64_decode(text)) << text;
    }
    EXPECT_FALSE(base64url_decode(std::string("Zg\0\0", 4)));
}

TEST(Hex, ReturnsEveryByteAndRefusesTheRest) {
    std::string const bytes = every_byte();
    std::string const text = hex_encode(std::as_bytes(std::span(bytes)));
    EXPECT_EQ(text.substr(0, 8), "00010203");
    EXPECT_EQ(text.substr(508), "feff");
    EXPECT_EQ(hex_decode(text), bytes);
    EXPECT_EQ(hex_decode("aBcD"), "\xAB\xCD");
    EXPECT_EQ(hex_decode(""), "");
    for (std::string const bad : {"a", "abc", "0x", "g0", "0g", " 0", "a b ", "-1", "\xFF\xFF"}) {
        EXPECT_FALSE(hex_decode(bad)) << bad;
    }
}

TEST(JsonPointer, EscapesTildeAndSlash) {
    EXPECT_EQ(escape_pointer_token("a/b~c"), "a~1b~0c");
    EXPECT_EQ(escape_pointer_token("~1"), "~01");
    std::string pointer;
    append_pointer(pointer, "users");
    append_pointer(pointer, 3);
    append_pointer(pointer, "a/b");
    append_pointer(pointer, "");
    EXPECT_EQ(pointer, "/users/3/a~1b/");
}

}  // namespace
}  // namespace nexpo::base

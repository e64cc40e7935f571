// SPDX-License-Identifier: Apache-2.0
#include "gateway/percent.hpp"

#include <gtest/gtest.h>

namespace nexpo::gateway {
namespace {

TEST(Percent, DecodesTriplets) {
    EXPECT_EQ(percent_decode("a%2Fb%2f%41", Plus::plus), "a/b/A");
    EXPECT_EQ(percent_decode("", Plus::plus), "");
    EXPECT_EQ(percent_decode("%00", Plus::plus), std::string(1, '\0'));
    EXPECT_EQ(percent_decode("%ff", Plus::plus), "\xff");
}

TEST(Percent, ReadsPlusAsTheFormAsks) {
    EXPECT_EQ(percent_decode("a+b%2B", Plus::plus), "a+b+");
    EXPECT_EQ(percent_decode("a+b%2B", Plus::space), "a b+");
}

TEST(Percent, RefusesBrokenTriplets) {
    for (auto const* text : {"%", "%4", "a%", "%zz", "%4g", "%%41", "%-1", "% 1"}) {
        EXPECT_FALSE(percent_decode(text, Plus::plus)) << text;
    }
}

TEST(Percent, EncodesEverythingButUnreservedCharacters) {
    std::string out = "/";
    append_percent_encoded(out, "aZ09-._~ /?#%\"<>\xc3\xa9");
    EXPECT_EQ(out, "/aZ09-._~%20%2F%3F%23%25%22%3C%3E%C3%A9");
}

TEST(Percent, DecodesWhatItEncodes) {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    std::string encoded;
    append_percent_encoded(encoded, all);
    EXPECT_EQ(percent_decode(encoded, Plus::space), all);
}

}  // namespace
}  // namespace nexpo::gateway

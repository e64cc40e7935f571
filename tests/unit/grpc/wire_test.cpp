// SPDX-License-Identifier: Apache-2.0
#include "grpc/codec/wire.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace nexpo::grpc_host {

namespace {

using namespace std::string_literals;

TEST(Wire, NumbersComeBack) {
    for (std::uint64_t const number :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{300},
          std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()}) {
        std::string out;
        WireWriter writer(out);
        writer.varint(number);
        writer.fixed64(number);
        WireReader reader(out);
        EXPECT_EQ(reader.varint(), number);
        EXPECT_EQ(reader.fixed64(), number);
        EXPECT_TRUE(reader.at_end());
    }
}

TEST(Wire, MessagesOfAllLengthsHaveTheirLength) {
    for (std::size_t const size : {0U, 1U, 127U, 128U, 16'383U, 16'384U, 3'000'000U}) {
        std::string const content(size, 'x');
        std::string out = "before";
        WireWriter writer(out);
        writer.message([&] { out += content; });
        out += "behind";
        WireReader reader(std::string_view(out).substr(6));
        EXPECT_EQ(reader.bytes(), content);
        EXPECT_EQ(out.substr(out.size() - 6), "behind");
    }
}

TEST(Wire, WhatEndsTooEarlyIsNothing) {
    for (auto const& bytes : {""s, "\x80"s, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s}) {
        EXPECT_FALSE(WireReader(bytes).varint());
        EXPECT_FALSE(WireReader(bytes).tag());
    }
    EXPECT_FALSE(WireReader("\x05"
                            "abcd"s)
                     .bytes());
    EXPECT_FALSE(WireReader("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s).bytes());
    EXPECT_FALSE(WireReader("1234567"s).fixed64());
    EXPECT_FALSE(WireReader("123"s).fixed32());
}

TEST(Wire, TagsHaveANumberAndAType) {
    auto const tag = WireReader("\x12"s).tag();
    ASSERT_TRUE(tag);
    EXPECT_EQ(tag->number, 2U);
    EXPECT_EQ(tag->type, WireType::bytes);
    EXPECT_FALSE(WireReader("\0"s).tag());                    // no field has the number 0
    EXPECT_FALSE(WireReader("\x0e"s).tag());                  // nor is there a type 6
    EXPECT_FALSE(WireReader("\x80\x80\x80\x80\x10"s).tag());  // 2^29
    EXPECT_TRUE(WireReader("\xf8\xff\xff\xff\x0f"s).tag());   // 2^29 - 1
}

TEST(Wire, GroupsOfThePastArePassedOver) {
    auto const skips = [](std::string const& bytes) {
        WireReader reader(bytes);
        auto const tag = reader.tag();
        return tag && reader.skip(*tag) && reader.at_end();
    };
    EXPECT_TRUE(skips("\x0b\x0c"s));
    EXPECT_TRUE(skips("\x0b\x10\x01\x13\x14\x0c"s));
    EXPECT_FALSE(skips("\x0b\x14"s));
    EXPECT_FALSE(skips("\x0b"s));
    EXPECT_FALSE(skips("\x0c"s));
    EXPECT_FALSE(skips(std::string(200'000, '\x0b')));
}

}  // namespace

}  // namespace nexpo::grpc_host

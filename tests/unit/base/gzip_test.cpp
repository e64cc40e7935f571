// SPDX-License-Identifier: Apache-2.0
#include "base/gzip.hpp"

#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

namespace nexpo::base {
namespace {

constexpr std::size_t kPlenty = 1U << 20U;
/// An empty member with the least possible content.
constexpr std::string_view kEmpty{"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", 20};

std::string reason(Result<std::string> const& result) {
    return result ? "(none)" : result.error().reason;
}

std::string noise(std::size_t size) {
    std::mt19937 random(7);
    std::string text(size, '\0');
    for (auto& byte : text) byte = static_cast<char>(random());
    return text;
}

TEST(Gzip, ComesBackAsItWas) {
    for (std::string const& text : {std::string("a"), std::string(5000, 'x'), noise(1), noise(4096), noise(300'000)}) {
        auto const packed = gzip(text);
        ASSERT_TRUE(packed);
        EXPECT_EQ(gunzip(*packed, text.size()).value(), text);
        EXPECT_EQ(gunzip(*packed, kPlenty).value(), text);
        EXPECT_EQ(reason(gunzip(*packed, text.size() - 1)), "body_too_large");
    }
    EXPECT_LT(gzip(std::string(100'000, 'x'))->size(), 1000U);
}

TEST(Gzip, OfOneTextIsAlwaysTheSame) {
    auto const first = gzip("the same text");
    gzip(noise(70'000));
    EXPECT_EQ(gzip("the same text"), first);
}

TEST(Gunzip, TakesMembersOneAfterTheOther) {
    EXPECT_EQ(gunzip(*gzip("a") + *gzip("b"), 2).value(), "ab");
    EXPECT_EQ(reason(gunzip(*gzip("a") + *gzip("b"), 1)), "body_too_large");
    EXPECT_EQ(gunzip(kEmpty, 0).value(), "");
    std::string many;
    for (int i = 0; i < 50'000; ++i) many += kEmpty;
    EXPECT_EQ(gunzip(many, 0).value(), "");
    EXPECT_EQ(gunzip(many + *gzip("x"), 1).value(), "x");
}

TEST(Gunzip, RefusesDataThatIsCutOffAnywhere) {
    auto const packed = *gzip("some text that is worth a few bytes, and then some more of the same text");
    for (std::size_t size = 0; size < packed.size(); ++size) {
        EXPECT_EQ(reason(gunzip(packed.substr(0, size), kPlenty)), "encoding_malformed") << size;
    }
}

TEST(Gunzip, RefusesWhatFollows) {
    auto const packed = *gzip("text");
    for (std::string const& tail : {std::string("x"), std::string(1, '\0'), std::string(512, '\0'), std::string("\x1f"),
                                    std::string("\x1f\x8b"), packed.substr(0, 12)}) {
        EXPECT_EQ(reason(gunzip(packed + tail, kPlenty)), "encoding_malformed") << tail.size();
    }
}

TEST(Gunzip, RefusesDamageAndOtherForms) {
    auto const packed = *gzip("some text that is worth a few bytes");
    for (std::size_t i = 0; i < packed.size(); ++i) {
        // The time, the flags for compressors and the system (RFC 1952 section 2.3.1) have no meaning for the content.
        if (i >= 4 && i <= 9) continue;
        auto damaged = packed;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
        EXPECT_EQ(reason(gunzip(damaged, kPlenty)), "encoding_malformed") << i;
    }
    EXPECT_EQ(reason(gunzip("{\"a\":1}", kPlenty)), "encoding_malformed");
    EXPECT_EQ(reason(gunzip(std::string_view("\x78\x9c\x03\0\0\0\0\x01", 8), kPlenty)), "encoding_malformed");  // zlib
    EXPECT_EQ(reason(gunzip(noise(10'000), kPlenty)), "encoding_malformed");
}

TEST(Gunzip, StopsBombsAtTheLimit) {
    auto const bomb = *gzip(std::string(64U << 20U, '\0'));
    EXPECT_LT(bomb.size(), 400'000U);
    auto const refused = gunzip(bomb, kPlenty);
    EXPECT_EQ(reason(refused), "body_too_large");
    std::string nested;
    for (int i = 0; i < 100; ++i) nested += *gzip(std::string(100'000, 'x'));
    EXPECT_EQ(reason(gunzip(nested, kPlenty)), "body_too_large");
}

TEST(GzipConcurrency, KeepsThreadsApart) {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([t] {
            for (int i = 0; i < 50; ++i) {
                std::string const text(static_cast<std::size_t>(1000 + t * 100 + i), static_cast<char>('a' + t));
                EXPECT_EQ(gunzip(gzip(text).value(), kPlenty).value(), text);
            }
        });
    }
}

}  // namespace
}  // namespace nexpo::base

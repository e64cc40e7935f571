// SPDX-License-Identifier: Apache-2.0
#include "auth/api_key_secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "nexpo/testing/random.hpp"

namespace nexpo::auth {
namespace {

/// Answers the same byte for ever, and so never ends a loop that waits for another one.
class OneByte final : public Random {
 public:
    explicit OneByte(std::byte byte) : byte_(byte) {}
    void fill(std::span<std::byte> bytes) override {
        for (auto& byte : bytes) byte = ++calls_ > 3 ? std::byte{0} : byte_;
    }

 private:
    std::byte byte_;
    int calls_ = 0;
};

TEST(ApiKeySecret, IsWellFormedAndDifferentEachTime) {
    testing::SeededRandom random(7);
    std::set<std::string> seen;
    for (int i = 0; i < 1'000; ++i) {
        auto const secret = make_api_key_secret(random);
        EXPECT_EQ(secret.size(), 50U);
        EXPECT_TRUE(is_well_formed_api_key(secret)) << secret;
        EXPECT_TRUE(seen.insert(secret).second);
    }
}

TEST(ApiKeySecret, HasTheChecksumOfTheStandard) {
    OneByte zeros{std::byte{0}};
    // CRC-32 of "nxp_" and forty zeros is 0xBB2DE637 by Python's zlib.crc32; its digits to base 62 follow.
    auto const secret = make_api_key_secret(zeros);
    EXPECT_EQ(secret.substr(0, 44), "nxp_" + std::string(40, '0'));
    EXPECT_EQ(secret.substr(44), "3QWZpH");
}

TEST(ApiKeySecret, TakesNoByteThatWouldFavourSomeLetters) {
    OneByte biased{std::byte{255}};
    EXPECT_EQ(make_api_key_secret(biased).substr(0, 44), "nxp_" + std::string(40, '0'));
}

TEST(ApiKeySecret, EverySingleWrongLetterIsSeen) {
    testing::SeededRandom random(1);
    auto const secret = make_api_key_secret(random);
    for (std::size_t at = 0; at < secret.size(); ++at) {
        for (char const letter : {'0', 'A', 'z', '_', ' ', '\0'}) {
            auto wrong = secret;
            wrong[at] = letter;
            EXPECT_EQ(is_well_formed_api_key(wrong), wrong == secret) << wrong;
        }
    }
    for (auto const& text : {std::string(), std::string("nxp_"), secret + "0", secret.substr(1), " " + secret}) {
        EXPECT_FALSE(is_well_formed_api_key(text)) << text;
    }
}

}  // namespace
}  // namespace nexpo::auth

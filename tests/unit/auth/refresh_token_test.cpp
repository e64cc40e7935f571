// SPDX-License-Identifier: Apache-2.0
#include "auth/refresh_token.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace nexpo::auth {

namespace {

constexpr auto kSession = "ses_01j8x4mq3he5nr7w0c2k9v6t1b";

RefreshTokens tokens_under(std::byte key_byte) {
    std::array<std::byte, crypto::Key::kSize> bytes{};
    bytes.fill(key_byte);
    crypto::Key const key(bytes);
    return RefreshTokens(key);
}

RefreshTokens const& tokens() {
    static RefreshTokens const tokens = tokens_under(std::byte{1});
    return tokens;
}

TEST(RefreshToken, ReadsBackWhatItMade) {
    for (std::int64_t const generation :
         {std::int64_t{1}, std::int64_t{2}, std::int64_t{1'000'000}, std::numeric_limits<std::int64_t>::max()}) {
        auto const text = tokens().make({kSession, generation});
        EXPECT_TRUE(text.starts_with("nxr_01j8x4mq3he5nr7w0c2k9v6t1b_" + std::to_string(generation) + "_"));
        auto const read = tokens().read(text);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->session_id, kSession);
        EXPECT_EQ(read->generation, generation);
    }
}

TEST(RefreshToken, OfAGenerationIsAlwaysTheSame) {
    EXPECT_EQ(tokens().make({kSession, 3}), tokens().make({kSession, 3}));
    EXPECT_NE(tokens().make({kSession, 3}), tokens().make({kSession, 4}));
    EXPECT_NE(tokens().make({kSession, 3}), tokens_under(std::byte{2}).make({kSession, 3}));
}

TEST(RefreshToken, IsRefusedUnderAnotherKey) {
    EXPECT_FALSE(tokens().read(tokens_under(std::byte{2}).make({kSession, 1})));
}

TEST(RefreshToken, IsRefusedWhenAnyCharacterIsChanged) {
    auto const good = tokens().make({kSession, 12});
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (char const other : {'A', '0', '_', '\0', '\xff'}) {
            if (good[i] == other) continue;
            auto bad = good;
            bad[i] = other;
            EXPECT_FALSE(tokens().read(bad)) << i;
        }
    }
}

TEST(RefreshToken, IsRefusedAtAnyOtherLength) {
    auto const good = tokens().make({kSession, 12});
    for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(tokens().read(good.substr(0, size))) << size;
    for (auto const* more : {"A", "=", "_", " ", "\n"}) EXPECT_FALSE(tokens().read(good + more));
    EXPECT_FALSE(tokens().read(" " + good));
    EXPECT_FALSE(tokens().read(std::string(1'000'000, 'n')));
    EXPECT_FALSE(tokens().read("nxr_" + std::string(1'000'000, '_')));
}

TEST(RefreshToken, CannotBorrowTheHashOfAnother) {
    auto const first = tokens().make({kSession, 1});
    auto const hash = first.substr(first.size() - 43);
    for (auto const* claim : {"nxr_01j8x4mq3he5nr7w0c2k9v6t1b_2_", "nxr_01j8x4mq3he5nr7w0c2k9v6t1c_1_",
                              "nxr_01j8x4mq3he5nr7w0c2k9v6t1b_01_", "nxr_01j8x4mq3he5nr7w0c2k9v6t1b_+1_",
                              "nxr_01j8x4mq3he5nr7w0c2k9v6t1b_ 1_", "nxr_01J8X4MQ3HE5NR7W0C2K9V6T1B_1_",
                              "nxr_01j8x4mq3he5nr7w0c2k9v6t1b__", "nxr_01j8x4mq3he5nr7w0c2k9v6t1b_-1_"}) {
        EXPECT_FALSE(tokens().read(claim + hash)) << claim;
    }
    EXPECT_TRUE(tokens().read("nxr_01j8x4mq3he5nr7w0c2k9v6t1b_1_" + hash));
}

}  // namespace

}  // namespace nexpo::auth

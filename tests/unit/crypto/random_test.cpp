// SPDX-License-Identifier: Apache-2.0
#include "nexpo/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <span>

namespace nexpo {
namespace {

TEST(SystemRandom, FillsEveryByteDifferentlyEachTime) {
    auto const random = system_random();
    std::set<std::array<std::byte, 16>> seen;
    std::array<bool, 16> touched{};
    for (int round = 0; round < 64; ++round) {
        std::array<std::byte, 16> bytes{};
        random->fill(bytes);
        seen.insert(bytes);
        for (std::size_t i = 0; i < bytes.size(); ++i) touched[i] = touched[i] || bytes[i] != std::byte{0};
    }
    EXPECT_EQ(seen.size(), 64u);
    for (auto const byte : touched) EXPECT_TRUE(byte);
}

TEST(SystemRandom, FillsNothingWithoutComplaint) {
    EXPECT_NO_THROW(system_random()->fill({}));
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include "crypto/argon2id.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/hex.hpp"

namespace nexpo::crypto {
namespace {

// Vectors of the Argon2 reference implementation (test.c, version 0x13).
TEST(Argon2id, MeetsTheReferenceVectors) {
    struct Case {
        Argon2Parameters parameters;
        std::string_view password;
        std::string_view salt;
        std::string_view expected;
    };
    Case const cases[] = {
        {{.memory_kib = 65536, .iterations = 2, .lanes = 1},
         "password",
         "somesalt",
         "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"},
        {{.memory_kib = 256, .iterations = 2, .lanes = 1},
         "password",
         "somesalt",
         "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"},
        {{.memory_kib = 256, .iterations = 2, .lanes = 2},
         "password",
         "somesalt",
         "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"},
        {{.memory_kib = 65536, .iterations = 2, .lanes = 1},
         "differentpassword",
         "somesalt",
         "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde"},
    };
    auto arena = Argon2Arena::allocate(std::size_t{64} << 20u).value();
    for (auto const& test : cases) {
        std::array<std::byte, 32> hash{};
        ASSERT_TRUE(argon2id(test.parameters, test.password, test.salt, arena, hash));
        EXPECT_EQ(base::hex_encode(hash), test.expected);
    }
}

TEST(Argon2id, LeavesNothingInItsMemory) {
    auto arena = Argon2Arena::allocate(std::size_t{256} * 1024).value();
    std::ranges::fill(arena.bytes(), std::byte{0xaa});
    std::array<std::byte, 32> hash{};
    ASSERT_TRUE(argon2id({.memory_kib = 256, .iterations = 1, .lanes = 1}, "password", "somesalt", arena, hash));
    EXPECT_TRUE(std::ranges::all_of(arena.bytes(), [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST(Argon2id, RefusesWhatDoesNotFitOrIsNotSound) {
    auto arena = Argon2Arena::allocate(std::size_t{64} * 1024).value();
    std::array<std::byte, 32> hash{};
    for (Argon2Parameters const& parameters : {Argon2Parameters{.memory_kib = 65, .iterations = 1, .lanes = 1},
                                               Argon2Parameters{.memory_kib = 128, .iterations = 1, .lanes = 1},
                                               Argon2Parameters{.memory_kib = 7, .iterations = 1, .lanes = 1},
                                               Argon2Parameters{.memory_kib = 64, .iterations = 0, .lanes = 1},
                                               Argon2Parameters{.memory_kib = 64, .iterations = 1, .lanes = 0},
                                               Argon2Parameters{.memory_kib = 8, .iterations = 1, .lanes = 2},
                                               Argon2Parameters{.memory_kib = 64, .iterations = 1, .lanes = 1 << 30}}) {
        auto const done = argon2id(parameters, "password", "somesalt", arena, hash);
        auto const rounds_down_to_fit = parameters.memory_kib == 65;  // Argon2 uses multiples of four blocks.
        EXPECT_EQ(done.has_value(), rounds_down_to_fit) << parameters.memory_kib;
        if (!done) {
            EXPECT_EQ(done.error().code, Errc::internal);
        }
    }
    EXPECT_FALSE(argon2id({.memory_kib = 64, .iterations = 1, .lanes = 1}, "password", "short", arena, hash));
}

}  // namespace
}  // namespace nexpo::crypto

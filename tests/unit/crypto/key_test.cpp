// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/hex.hpp"
#include "crypto/digest.hpp"

namespace nexpo::crypto {
namespace {

std::string derived(std::string const& key, std::string const& salt, std::string const& info) {
    auto const result = hkdf_sha256(bytes_of(key), info, bytes_of(salt));
    return base::hex_encode(result.bytes());
}

/// The bytes from `first` on, each one more than the one before.
std::string run(int first, int count) {
    std::string bytes;
    for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(first + i));
    return bytes;
}

// The first 32 bytes of the output of RFC 5869 appendix A.1 to A.3.
TEST(Hkdf, MeetsRfc5869) {
    std::string const key(22, '\x0b');
    EXPECT_EQ(derived(key, run(0x00, 13), run(0xf0, 10)),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    EXPECT_EQ(derived(run(0x00, 80), run(0x60, 80), run(0xb0, 80)),
              "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c");
    EXPECT_EQ(derived(key, "", ""), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(Hkdf, GivesEachPurposeItsOwnKey) {
    auto const key = sha256("key");
    EXPECT_TRUE(hkdf_sha256(key, "cursors") == hkdf_sha256(key, "cursors"));
    EXPECT_FALSE(hkdf_sha256(key, "cursors") == hkdf_sha256(key, "tokens"));
    EXPECT_FALSE(hkdf_sha256(key, "cursors") == hkdf_sha256(sha256("other"), "cursors"));
}

}  // namespace
}  // namespace nexpo::crypto

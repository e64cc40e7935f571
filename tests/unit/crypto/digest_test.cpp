// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/hex.hpp"

namespace nexpo::crypto {
namespace {

std::string repeated(int count, unsigned char byte) {
    return std::string(static_cast<std::size_t>(count), static_cast<char>(byte));
}

TEST(Digest, Sha256MeetsTheStandardsExamples) {
    // FIPS 180-4 example texts.
    EXPECT_EQ(base::hex_encode(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(base::hex_encode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(base::hex_encode(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Digest, HmacMeetsRfc4231) {
    struct Case {
        std::string key;
        std::string data;
        std::string expected;
    };
    Case const cases[] = {
        {repeated(20, 0x0b), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {repeated(20, 0xaa), repeated(50, 0xdd), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {base::hex_decode("0102030405060708090a0b0c0d0e0f10111213141516171819").value(), repeated(50, 0xcd),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {repeated(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {repeated(131, 0xaa),
         "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
         "hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
        {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    };
    for (auto const& test : cases) {
        EXPECT_EQ(base::hex_encode(hmac_sha256(test.key, test.data)), test.expected);
        HmacKey const key(bytes_of(test.key));
        EXPECT_EQ(base::hex_encode(key.sign(test.data)), test.expected);
        EXPECT_EQ(base::hex_encode(key.sign(test.data)), test.expected) << "a key serves again";
    }
}

TEST(Digest, OneHmacKeyServesManyThreads) {
    HmacKey const key(bytes_of("Jefe"));
    auto const expected = key.sign("data");
    std::vector<int> wrong(4, 0);
    {
        std::vector<std::jthread> threads;
        for (auto& count : wrong) {
            threads.emplace_back([&key, &expected, &count] {
                for (int i = 0; i < 500; ++i) count += key.sign("data") == expected ? 0 : 1;
            });
        }
    }
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
    EXPECT_TRUE(constant_time_equal("", ""));
    EXPECT_TRUE(constant_time_equal("token", "token"));
    EXPECT_FALSE(constant_time_equal("token", "tokem"));
    EXPECT_FALSE(constant_time_equal("token", "toke"));
    EXPECT_FALSE(constant_time_equal("", "t"));
    EXPECT_TRUE(constant_time_equal(sha256("a"), sha256("a")));
    EXPECT_FALSE(constant_time_equal(sha256("a"), sha256("b")));
}

}  // namespace
}  // namespace nexpo::crypto

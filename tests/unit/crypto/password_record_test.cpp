// SPDX-License-Identifier: Apache-2.0
#include "crypto/password_record.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "crypto/digest.hpp"

namespace nexpo::crypto {
namespace {

constexpr std::string_view kReference =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

TEST(PasswordRecord, ReadsWhatOtherProgramsWrite) {
    auto const record = parse_password_record(kReference);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->parameters, (Argon2Parameters{.memory_kib = 65536, .iterations = 2, .lanes = 1}));
    EXPECT_EQ(record->salt, "somesalt");
    EXPECT_EQ(base::hex_encode(bytes_of(record->hash)),
              "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
    EXPECT_EQ(encode(*record), kReference);
}

TEST(PasswordRecord, RefusesEverythingElse) {
    std::string const hash = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    std::string const tail = "$c29tZXNhbHQ$" + hash;
    std::string const refused[] = {
        std::string(),
        std::string("$"),
        std::string("password"),
        std::string("$2b$12$abcdefghijklmnopqrstuv"),
        std::string(kReference) + "$",
        std::string(kReference) + "=",
        std::string(kReference) + " ",
        std::string(kReference.substr(1)),
        std::string(kReference.substr(0, kReference.size() - 1)),
        "$argon2i$v=19$m=65536,t=2,p=1" + tail,
        "$argon2d$v=19$m=65536,t=2,p=1" + tail,
        "$argon2id$m=65536,t=2,p=1" + tail,
        "$argon2id$v=16$m=65536,t=2,p=1" + tail,
        "$argon2id$v=19$t=2,m=65536,p=1" + tail,
        "$argon2id$v=19$m=65536,t=2" + tail,
        "$argon2id$v=19$m=065536,t=2,p=1" + tail,
        "$argon2id$v=19$m=+65536,t=2,p=1" + tail,
        "$argon2id$v=19$m=-1,t=2,p=1" + tail,
        "$argon2id$v=19$m= 65536,t=2,p=1" + tail,
        "$argon2id$v=19$m=4294967296,t=2,p=1" + tail,
        "$argon2id$v=19$m=4294967295,t=2,p=1" + tail,
        "$argon2id$v=19$m=65536,t=0,p=1" + tail,
        "$argon2id$v=19$m=65536,t=2,p=0" + tail,
        "$argon2id$v=19$m=65536,t=2,p=65" + tail,
        "$argon2id$v=19$m=7,t=2,p=1" + tail,
        "$argon2id$v=19$m=65536,t=2,p=1,data=AA" + tail,
        "$argon2id$v=19$m=65536,t=2,p=1$$" + hash,
        "$argon2id$v=19$m=65536,t=2,p=1$c2hvcnQ$" + hash,
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$AAAA",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ=$" + hash,
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhb-Q$" + hash,
        "$argon2id$v=19$m=65536,t=2,p=1$" + std::string(1u << 20u, 'A') + "$" + hash,
    };
    for (auto const& text : refused) {
        EXPECT_FALSE(parse_password_record(text)) << text.substr(0, 200);
    }
}

}  // namespace
}  // namespace nexpo::crypto

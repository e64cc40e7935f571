// SPDX-License-Identifier: Apache-2.0
#include "crypto/sealer.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "crypto/digest.hpp"

namespace nexpo::crypto {
namespace {

constexpr std::size_t kOverhead = 1 + 4 + 12 + 16;

Sealer make_sealer(std::string_view seed) {
    return Sealer(Key(sha256(seed)), system_random());
}

TEST(Sealer, OpensWhatItSealed) {
    auto const sealer = make_sealer("a");
    for (auto const& text :
         {std::string(), std::string("x"), std::string("nul\0inside", 10), std::string(100000, 'y')}) {
        auto const sealed = sealer.seal(text, "sessions.answer");
        EXPECT_EQ(sealed.size(), text.size() + kOverhead);
        EXPECT_EQ(sealed.front(), '\1');
        auto const opened = sealer.open(sealed, "sessions.answer");
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->reveal(), text);
    }
}

TEST(Sealer, NeverSealsTheSameWayTwice) {
    auto const sealer = make_sealer("a");
    std::set<std::string> nonces;
    for (int i = 0; i < 100; ++i) nonces.insert(sealer.seal("text", "").substr(5, 12));
    EXPECT_EQ(nonces.size(), 100u);
}

TEST(Sealer, RefusesEveryFlippedBit) {
    auto const sealer = make_sealer("a");
    auto const sealed = sealer.seal("a secret", "here");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        auto damaged = sealed;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        auto const opened = sealer.open(damaged, "here");
        ASSERT_FALSE(opened) << "bit " << bit;
        auto const in_key_id = bit >= 8 && bit < 40;
        EXPECT_EQ(opened.error().reason, in_key_id ? "sealing_key_unknown" : "seal_broken") << "bit " << bit;
    }
}

TEST(Sealer, RefusesEveryTruncationAndExtension) {
    auto const sealer = make_sealer("a");
    auto const sealed = sealer.seal("a secret", "here");
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        EXPECT_FALSE(sealer.open(std::string_view(sealed).substr(0, size), "here")) << size;
    }
    EXPECT_FALSE(sealer.open(sealed + '\0', "here"));
}

TEST(Sealer, RefusesOtherAssociatedData) {
    auto const sealer = make_sealer("a");
    auto const sealed = sealer.seal("a secret", "accounts/1");
    for (auto const* other : {"", "accounts/2", "accounts/10", "Accounts/1"}) {
        auto const opened = sealer.open(sealed, other);
        ASSERT_FALSE(opened) << other;
        EXPECT_EQ(opened.error().code, Errc::data_loss);
    }
}

TEST(Sealer, SaysThatAnotherKeySealed) {
    auto const opened = make_sealer("b").open(make_sealer("a").seal("a secret", ""), "");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::failed_precondition);
    EXPECT_EQ(opened.error().reason, "sealing_key_unknown");
}

TEST(Sealer, DoesNotOpenUnderAnotherKeyThatForgesTheId) {
    auto sealed = make_sealer("a").seal("a secret", "");
    sealed.replace(0, 5, make_sealer("b").seal("", "").substr(0, 5));
    auto const opened = make_sealer("b").open(sealed, "");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().reason, "seal_broken");
}

TEST(Sealer, ReadsItsKeyInEveryTextForm) {
    auto const bytes = std::string("\xff\xef\xfe") + std::string(29, '\x3e');  // Both special characters appear.
    auto const standard = base::base64_encode(bytes);
    ASSERT_NE(standard.find('/'), standard.npos);
    ASSERT_NE(standard.find('+'), standard.npos);
    auto const sealed = Sealer(Key(bytes_of(bytes).first<32>()), system_random()).seal("text", "");
    auto const upper = [](std::string text) {
        for (auto& c : text) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
        return text;
    };
    auto const hex = base::hex_encode(bytes_of(bytes));
    for (auto const& text : {standard, standard.substr(0, 43), base::base64url_encode(bytes),
                             base::base64url_encode(bytes) + "=", hex, upper(hex)}) {
        auto const sealer = Sealer::from_text(text, system_random());
        ASSERT_TRUE(sealer) << text;
        EXPECT_TRUE(sealer->open(sealed, "")) << text;
    }
}

TEST(Sealer, RefusesOtherKeyTextsWithoutRepeatingThem) {
    for (auto const& text :
         {std::string(), std::string("password"), std::string(31, 'a'), std::string(63, 'a'), std::string(65, 'a'),
          std::string(64, 'g'), base::base64_encode(std::string(31, 'k')), base::base64_encode(std::string(33, 'k')),
          base::base64url_encode(std::string(32, 'k')) + "\n", base::base64url_encode(std::string(32, 'k')) + "==",
          "+_" + std::string(40, 'A') + "A", std::string(42, 'A') + "B"}) {
        auto const sealer = Sealer::from_text(text, system_random());
        ASSERT_FALSE(sealer) << text;
        EXPECT_EQ(sealer.error().code, Errc::invalid_argument);
        EXPECT_EQ(sealer.error().reason, "sealing_key_invalid");
        if (!text.empty()) {
            EXPECT_EQ(sealer.error().message.find(text), std::string::npos);
        }
    }
}

TEST(Sealer, GeneratesKeysThatItReads) {
    auto const first = generate_key_text(*system_random());
    auto const second = generate_key_text(*system_random());
    EXPECT_FALSE(first == second);
    EXPECT_EQ(first.reveal().size(), 43u);
    EXPECT_TRUE(Sealer::from_text(first, system_random()));
}

TEST(Sealer, DerivesAKeyPerLabel) {
    auto const sealer = make_sealer("a");
    EXPECT_TRUE(sealer.derive("cursor") == make_sealer("a").derive("cursor"));
    EXPECT_FALSE(sealer.derive("cursor") == sealer.derive("refresh"));
    EXPECT_FALSE(sealer.derive("cursor") == make_sealer("b").derive("cursor"));
}

TEST(Sealer, ServesManyThreads) {
    auto const sealer = make_sealer("a");
    std::vector<int> failed(4, 0);
    {
        std::vector<std::jthread> threads;
        for (auto& count : failed) {
            threads.emplace_back([&sealer, &count] {
                for (int i = 0; i < 300; ++i) {
                    auto const opened = sealer.open(sealer.seal("text", "ad"), "ad");
                    count += opened && opened->reveal() == "text" ? 0 : 1;
                }
            });
        }
    }
    EXPECT_EQ(failed, std::vector<int>(4, 0));
}

TEST(Sealer, OpensWhatEarlierKeysSealed) {
    auto const before = make_sealer("before");
    auto const sealed = before.seal("a secret", "here");
    auto now = make_sealer("now");
    ASSERT_FALSE(now.open(sealed, "here"));
    EXPECT_FALSE(now.knows(sealed));
    now.open_also(Key(sha256(std::string_view("before"))));
    auto const opened = now.open(sealed, "here");
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), "a secret");
    EXPECT_EQ(now.open(sealed, "elsewhere").error().reason, "seal_broken");
    EXPECT_TRUE(now.knows(sealed));
    EXPECT_FALSE(now.is_current(sealed));
    EXPECT_TRUE(before.is_current(sealed));

    auto const anew = now.seal("a secret", "here");
    EXPECT_TRUE(now.is_current(anew));
    EXPECT_FALSE(before.open(anew, "here")) << "only the first key seals";
}

TEST(Sealer, NamesTheKeyThatIsMissing) {
    auto const before = make_sealer("before");
    auto const refused = make_sealer("now").open(before.seal("a secret", "here"), "here");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, "sealing_key_unknown");
    EXPECT_EQ(before.key_id().size(), 8u);
    EXPECT_NE(refused.error().message.find(before.key_id()), std::string::npos) << refused.error().message;
    EXPECT_NE(before.key_id(), make_sealer("now").key_id());
    EXPECT_FALSE(before.is_current(""));
    EXPECT_FALSE(before.knows(""));
}

TEST(Sealer, DerivesFromARootThatOutlivesTheKey) {
    auto const label = [](Sealer const& sealer) {
        auto const key = sealer.derive("label");
        return base::hex_encode(key.bytes());
    };
    auto first = make_sealer("first");
    auto second = make_sealer("second");
    EXPECT_NE(label(first), label(second));
    Key const root(sha256(std::string_view("root")));
    first.derive_from(root);
    second.derive_from(root);
    EXPECT_EQ(label(first), label(second));
}

TEST(Sealer, ReadsSeveralKeysFromOneText) {
    auto const a = std::string(generate_key_text(*system_random()).reveal());
    auto const b = std::string(generate_key_text(*system_random()).reveal());
    EXPECT_EQ(keys_from_text("").value().size(), 0u);
    EXPECT_EQ(keys_from_text(" \n, ").value().size(), 0u);
    EXPECT_EQ(keys_from_text(a).value().size(), 1u);
    for (auto const& between : {",", ", ", "\n", "\r\n", " "}) {
        auto const keys = keys_from_text(a + between + b + "=\n").value();
        ASSERT_EQ(keys.size(), 2u);
        EXPECT_EQ(keys[0], key_from_text(a).value());
        EXPECT_EQ(keys[1], key_from_text(b).value());
    }
    for (auto const& text : {std::string("x"), std::string("x,"), a.substr(1)}) {
        EXPECT_EQ(keys_from_text(a + "," + text).error().reason, "sealing_key_invalid") << text;
    }
}

}  // namespace
}  // namespace nexpo::crypto

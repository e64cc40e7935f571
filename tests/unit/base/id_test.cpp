// SPDX-License-Identifier: Apache-2.0
#include "nexpo/id.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/first_id.hpp"
#include "nexpo/testing/random.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;

/// Gives the same byte for ever.
class ConstantRandom final : public Random {
 public:
    explicit ConstantRandom(std::byte value) : value_(value) {}
    void fill(std::span<std::byte> bytes) override {
        for (std::byte& byte : bytes) byte = value_;
    }

 private:
    std::byte value_;
};

TEST(Id, IsTheTypeIdOfAUuidV7) {
    // 0x0188bac7-4afa-78aa-bc3b-bd1eef28d881 of the TypeID specification's valid.yml, rebuilt from its parts.
    class Parts final : public Random {
     public:
        void fill(std::span<std::byte> bytes) override {
            constexpr std::array<unsigned, 10> kBytes{0x08, 0xaa, 0x3c, 0x3b, 0xbd, 0x1e, 0xef, 0x28, 0xd8, 0x81};
            ASSERT_EQ(bytes.size(), kBytes.size());
            for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(kBytes[i]);
        }
    } random;
    Timestamp const now{std::chrono::milliseconds(0x0188bac74afa) + std::chrono::microseconds(554)};
    EXPECT_EQ(make_id("prefix", now, random), "prefix_01h2xcejqtf2nbrexx3vqjhp41");
}

TEST(Id, KeepsVersionAndVariantWhateverIsRandom) {
    ConstantRandom zeros(std::byte{0});
    ConstantRandom ones(std::byte{0xFF});
    EXPECT_EQ(make_id("a", Timestamp{}, zeros), "a_0000000000e008000000000000");
    EXPECT_EQ(make_id("a", Timestamp{}, ones), "a_0000000000e01vzzzzzzzzzzzz");
    EXPECT_EQ(make_id("a", Timestamp{-5s}, zeros), make_id("a", Timestamp{}, zeros));
}

TEST(Id, SortsByMicrosecondAndIsUnique) {
    testing::SeededRandom random(1);
    std::set<std::string> ids;
    std::string last;
    Timestamp now = min_timestamp();
    for (Timestamp time : {Timestamp{0s}, Timestamp{1us}, Timestamp{999us}, Timestamp{1ms}, Timestamp{1h},
                           Timestamp{24h * 20'000}, max_timestamp()}) {
        std::string const id = make_id("usr", time, random);
        EXPECT_LT(last, id);
        EXPECT_TRUE(is_id(id, "usr")) << id;
        last = id;
        now = time;
    }
    for (int i = 0; i < 10'000; ++i) ids.insert(make_id("usr", now, random));
    EXPECT_EQ(ids.size(), 10'000U);
}

TEST(Id, IsRecognizedWithItsPrefixOnly) {
    std::string const good = "usr_01h2xcejqtf2nbrexx3vqjhp41";
    EXPECT_TRUE(is_id(good, "usr"));
    EXPECT_FALSE(is_id(good, "us"));
    EXPECT_FALSE(is_id(good, "usrs"));
    EXPECT_FALSE(is_id(good, "org"));
    EXPECT_TRUE(is_id("api_key_01h2xcejqtf2nbrexx3vqjhp41", "api_key"));
    EXPECT_TRUE(is_id("usr_7zzzzzzzzzzzzzzzzzzzzzzzzz", "usr"));
    std::string const suffix = "01h2xcejqtf2nbrexx3vqjhp41";
    std::vector<std::string> const bad_ids{"",
                                           "usr",
                                           "usr_",
                                           good + "0",
                                           good.substr(0, good.size() - 1),
                                           "usr-" + suffix,
                                           "USR_" + suffix,
                                           "usr_01H2XCEJQTF2NBREXX3VQJHP41",
                                           "usr_81h2xcejqtf2nbrexx3vqjhp41",
                                           "usr_01h2xcejqtf2nbrexx3vqjhpi1",
                                           "usr_01h2xcejqtf2nbrexx3vqjhpl1",
                                           "usr_01h2xcejqtf2nbrexx3vqjhpo1",
                                           "usr_01h2xcejqtf2nbrexx3vqjhpu1",
                                           "usr_01h2xcejqtf2nbrexx3vqjhp4 ",
                                           "usr_/1h2xcejqtf2nbrexx3vqjhp41",
                                           good.substr(0, good.size() - 1) + '\0',
                                           "\xFFsr_" + suffix};
    for (std::string const& bad : bad_ids) {
        EXPECT_FALSE(is_id(bad, "usr")) << bad;
    }
    for (std::string const& prefix : {std::string(), std::string("_a"), std::string("a_"), std::string("A"),
                                      std::string("a1"), std::string(64, 'a')}) {
        EXPECT_FALSE(is_id(prefix + "_" + suffix, prefix)) << prefix;
    }
    EXPECT_TRUE(is_id(std::string(63, 'a') + "_" + suffix, std::string(63, 'a')));
}

TEST(SeededRandom, RepeatsItself) {
    auto const draw = [](std::uint64_t seed, std::size_t size) {
        std::vector<std::byte> bytes(size);
        testing::SeededRandom(seed).fill(bytes);
        return bytes;
    };
    EXPECT_EQ(draw(7, 33), draw(7, 33));
    EXPECT_NE(draw(7, 33), draw(8, 33));
    testing::SeededRandom random(7);
    std::array<std::byte, 8> first{};
    std::array<std::byte, 8> second{};
    random.fill(first);
    random.fill(second);
    EXPECT_NE(first, second);
}

TEST(Id, FirstOfAMomentDividesWhatWasMadeBeforeItFromTheRest) {
    Timestamp const moment{1'764'000'000'000ms + 123us};
    ConstantRandom lowest(std::byte{0});
    ConstantRandom highest(std::byte{0xff});
    auto const first = base::first_id("evt", moment);
    EXPECT_TRUE(is_id(first, "evt"));
    EXPECT_LT(make_id("evt", moment - 1us, highest), first);
    EXPECT_EQ(make_id("evt", moment, lowest), first);
    EXPECT_LT(first, make_id("evt", moment, highest));
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include "settings/toml_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace nexpo::hosts {

TEST(TomlFile, FlattensSectionsAndCountsLines) {
    auto const entries = read_toml("a = 'x'\n[b]\nc = 1\nd.e = true\n");
    ASSERT_TRUE(entries.has_value());
    ASSERT_EQ(entries->size(), 3U);
    std::map<std::string, TomlEntry> by_key;
    for (auto const& entry : *entries) by_key[entry.key] = entry;
    EXPECT_EQ(by_key["a"].value, SettingValue("x"));
    EXPECT_EQ(by_key["a"].line, 1U);
    EXPECT_EQ(by_key["b.c"].value, SettingValue(std::int64_t{1}));
    EXPECT_EQ(by_key["b.c"].line, 3U);
    EXPECT_EQ(by_key["b.d.e"].value, SettingValue(true));
}

TEST(TomlFile, RefusesMalformedTextWithoutQuotingIt) {
    for (std::string const text : {"secret", "secret = ", "secret = 'secret", "a = 1\na = 'secret'", "secret = \xff",
                                   "[secret", "secret = 99999999999999999999"}) {
        auto const entries = read_toml(text);
        ASSERT_FALSE(entries.has_value()) << text;
        EXPECT_THAT(entries.error().message, testing::StartsWith("is not valid TOML at line "));
        EXPECT_THAT(entries.error().message, testing::Not(testing::HasSubstr("secret")));
    }
}

TEST(TomlFile, RefusesSectionsWithoutAName) {
    for (std::string const text : {"[$]", "[ = ]", "[[$]]", "[a.$]", "a = { $ = 1 }"}) {
        auto const entries = read_toml(text);
        ASSERT_FALSE(entries.has_value()) << text;
        EXPECT_EQ(entries.error().reason, "toml_malformed");
    }
}

TEST(TomlFile, RefusesKeysBeyondAscii) {
    for (std::string const text :
         {"\xc3\xbc = 1", "port\xc8\xab = 1", "port = \xc3\xbc", "[\xc3\xbc]", "a = 1 \xe2\x80\x8b"}) {
        EXPECT_FALSE(read_toml(text).has_value()) << text;
    }
    EXPECT_TRUE(read_toml("'\xc3\xbc' = '\xc3\xbc'  # \xc3\xbc").has_value());
}

TEST(TomlFile, RefusesDeepNesting) {
    EXPECT_FALSE(read_toml("a = " + std::string(100'000, '[')).has_value());
}

}  // namespace nexpo::hosts

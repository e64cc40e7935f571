// SPDX-License-Identifier: Apache-2.0
#include "settings/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace nexpo::hosts {

namespace {

using testing::ElementsAre;

constexpr std::string_view kActions[] = {"help", "check-config"};

CommandLine parse(std::vector<char const*> arguments) {
    return parse_command_line(arguments, kActions);
}

}  // namespace

TEST(CommandLine, TakesValuesAfterEqualsOrAsTheNextArgument) {
    auto const line = parse({"--a=1", "--b", "2", "--c=", "--d", "-3", "--e=x=y"});
    ASSERT_EQ(line.flags.size(), 5U);
    EXPECT_EQ(line.flags[0].value, "1");
    EXPECT_EQ(line.flags[1].value, "2");
    EXPECT_EQ(line.flags[2].value, "");
    EXPECT_EQ(line.flags[3].value, "-3");
    EXPECT_EQ(line.flags[4].name, "e");
    EXPECT_EQ(line.flags[4].value, "x=y");
    EXPECT_TRUE(line.strays.empty());
}

TEST(CommandLine, LeavesTheValueOpenWhenAnotherFlagOrNothingFollows) {
    auto const line = parse({"--a", "--b"});
    ASSERT_EQ(line.flags.size(), 2U);
    EXPECT_FALSE(line.flags[0].value.has_value());
    EXPECT_FALSE(line.flags[1].value.has_value());
}

TEST(CommandLine, KnowsActionsAndTheConfigFile) {
    auto const line = parse({"--check-config", "stray", "-h", "--config", "app.toml"});
    EXPECT_TRUE(line.has("help"));
    EXPECT_TRUE(line.has("check-config"));
    EXPECT_FALSE(line.has("version"));
    EXPECT_EQ(line.config_file, "app.toml");
    EXPECT_THAT(line.strays, ElementsAre("stray"));
    EXPECT_TRUE(line.flags.empty());
}

TEST(CommandLine, TakesNothingForAStray) {
    EXPECT_THAT(parse({"-x", "", "--=1"}).strays, ElementsAre("-x", ""));
}

}  // namespace nexpo::hosts

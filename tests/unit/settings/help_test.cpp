// SPDX-License-Identifier: Apache-2.0
#include "settings/help.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample_settings.hpp"
#include "settings/setting.hpp"

namespace nexpo::hosts {

using sample::Settings;
using testing::HasSubstr;

TEST(SettingsHelp, NamesFlagVariableRuleAndDefault) {
    auto const help = settings_help(struct_type<Settings>());
    EXPECT_THAT(help, HasSubstr("  --server.port, NEXPO_SERVER_PORT\n"
                                "      Port. Must be a whole number from 0 to 65535. Default: 8080.\n"));
    EXPECT_THAT(help, HasSubstr("  --key, NEXPO_KEY, NEXPO_KEY_FILE\n      Opens the data. Default: none.\n"));
}

TEST(SettingsHelp, WritesTomlWithEverySettingAtItsDefault) {
    EXPECT_EQ(example_toml(struct_type<Settings>()),
              "# Where the data is.\n#database = \"sqlite:app.db\"\n\n"
              "# Opens the data.\n#key = \"\"\n\n"
              "[server]\n\n"
              "# Where to listen.\n#address = \"127.0.0.1\"\n\n"
              "# Port. Must be a whole number from 0 to 65535.\n#port = 8080\n\n"
              "# Must be a whole number.\n#small = 7\n\n"
              "# Must be a number.\n#rate = 0.5\n\n"
              "# Must be true or false.\n#verbose = false\n\n"
              "# Must be one of red, green.\n#colour = \"red\"\n\n"
              "# Who may call. Must be a list, separated by commas in flags and variables.\n#peers = []\n");
}

TEST(SettingsHelp, WritesEnvironmentWithEverySettingAtItsDefault) {
    auto const text = example_environment(struct_type<Settings>());
    EXPECT_THAT(text, HasSubstr("# Where the data is.\n#NEXPO_DATABASE=sqlite:app.db\n"));
    EXPECT_THAT(text, HasSubstr("# Opens the data.\n#NEXPO_KEY=\n#NEXPO_KEY_FILE=\n"));
    EXPECT_THAT(text, HasSubstr("#NEXPO_SERVER_COLOUR=red\n"));
    EXPECT_THAT(text, HasSubstr("#NEXPO_SERVER_PEERS=\n"));
}

TEST(SettingsHelp, ShowsListsAsTheyAreGiven) {
    Settings const settings{.server = {.peers = {"http://a", "http://b"}}};
    auto const all = list_settings(struct_type<Settings>());
    EXPECT_EQ(show_value(all.back(), &settings), "http://a,http://b");
    EXPECT_EQ(show_toml(all.back(), &settings), R"(["http://a","http://b"])");
}

}  // namespace nexpo::hosts

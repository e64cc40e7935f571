// SPDX-License-Identifier: Apache-2.0
#include "settings/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "sample_settings.hpp"

namespace nexpo::hosts {

namespace {

using sample::Colour;
using sample::Settings;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

struct Outcome {
    Settings settings{};
    Result<Loaded> loaded = Loaded{};

    std::vector<std::string> problems() const {
        std::vector<std::string> lines;
        if (loaded) return lines;
        for (auto const& violation : loaded.error().violations) {
            lines.push_back(violation.field + ": " + violation.message);
        }
        return lines;
    }
};

Outcome load(std::vector<Flag> flags, std::map<std::string, std::string> environment, std::string file) {
    Sources const sources{.command_line = {.flags = std::move(flags)},
                          .environment = std::move(environment),
                          .file = std::move(file),
                          .file_path = "app.toml"};
    Outcome outcome;
    outcome.loaded = load_settings(struct_type<Settings>(), &outcome.settings, sources);
    return outcome;
}

class SecretFile {
 public:
    explicit SecretFile(std::string const& text)
        : path_(testing::TempDir() + "nexpo_secret_" + std::to_string(::getpid())) {
        std::ofstream(path_) << text;
    }
    SecretFile(SecretFile const&) = delete;
    SecretFile& operator=(SecretFile const&) = delete;
    ~SecretFile() { ::unlink(path_.c_str()); }

    std::string const& path() const { return path_; }

 private:
    std::string path_;
};

}  // namespace

TEST(LoadSettings, KeepsDefaultsWhenNothingIsGiven) {
    auto const outcome = load({}, {}, "");
    ASSERT_TRUE(outcome.loaded.has_value());
    EXPECT_EQ(outcome.settings.shared.database, "sqlite:app.db");
    EXPECT_EQ(outcome.settings.server.port, 8080);
    EXPECT_TRUE(outcome.loaded->origins.empty());
}

TEST(LoadSettings, ReadsEveryTypeFromEverySource) {
    auto const check = [](Outcome const& outcome) {
        ASSERT_THAT(outcome.problems(), ElementsAre());
        EXPECT_EQ(outcome.settings.shared.database, "sqlite:b.db");
        EXPECT_EQ(outcome.settings.shared.key.reveal(), "hush");
        EXPECT_EQ(outcome.settings.server.port, 9);
        EXPECT_EQ(outcome.settings.server.small, 255);
        EXPECT_EQ(outcome.settings.server.rate, 2.25);
        EXPECT_TRUE(outcome.settings.server.verbose);
        EXPECT_EQ(outcome.settings.server.colour, Colour::green);
        EXPECT_THAT(outcome.settings.server.peers, ElementsAre("http://a", "http://b"));
    };
    check(load({{"database", "sqlite:b.db"},
                {"key", "hush"},
                {"server.port", "9"},
                {"server.small", "255"},
                {"server.rate", "2.25"},
                {"server.verbose", {}},
                {"server.colour", "green"},
                {"server.peers", "http://a,http://b"}},
               {}, ""));
    check(load({},
               {{"NEXPO_DATABASE", "sqlite:b.db"},
                {"NEXPO_KEY", "hush"},
                {"NEXPO_SERVER_PORT", "9"},
                {"NEXPO_SERVER_SMALL", "255"},
                {"NEXPO_SERVER_RATE", "2.25"},
                {"NEXPO_SERVER_VERBOSE", "true"},
                {"NEXPO_SERVER_COLOUR", "green"},
                {"NEXPO_SERVER_PEERS", " http://a ,, http://b,"},
                {"HOME", "/root"}},
               ""));
    check(load({}, {},
               "database = 'sqlite:b.db'\nkey = 'hush'\n[server]\nport = 9\nsmall = 255\nrate = 2.25\n"
               "verbose = true\ncolour = 'green'\npeers = ['http://a', 'http://b']\n"));
}

TEST(LoadSettings, ReplacesListsAsAWhole) {
    std::string const file = "[server]\npeers = ['http://a', 'http://b']\n";
    EXPECT_THAT(load({{"server.peers", "http://c"}}, {}, file).settings.server.peers, ElementsAre("http://c"));
    EXPECT_THAT(load({}, {{"NEXPO_SERVER_PEERS", ""}}, file).settings.server.peers, ElementsAre());
}

TEST(LoadSettings, AppliesRulesToListsAndTheirElements) {
    EXPECT_THAT(
        load({}, {{"NEXPO_SERVER_PEERS", "http://a,nothing"}}, "").problems(),
        ElementsAre("server.peers from NEXPO_SERVER_PEERS: element 1 (counted from 0) must be an absolute URI"));
    EXPECT_THAT(load({{"server.peers", "http://a,http://b,http://c"}}, {}, "").problems(),
                ElementsAre("server.peers from --server.peers: must be at most 2 elements"));
    for (std::string const value : {"'http://a'", "['http://a', 1]", "[['http://a']]", "5"}) {
        EXPECT_THAT(load({}, {}, "[server]\npeers = " + value + "\n").problems(),
                    ElementsAre("server.peers from app.toml line 2: must be a list, separated by commas in flags and "
                                "variables"));
    }
}

TEST(LoadSettings, PutsFlagBeforeEnvironmentBeforeFile) {
    std::string const file = "[server]\nport = 1\n";
    std::map<std::string, std::string> const environment = {{"NEXPO_SERVER_PORT", "2"}};
    auto const by_file = load({}, {}, file);
    auto const by_environment = load({}, environment, file);
    auto const by_flag = load({{"server.port", "3"}}, environment, file);
    EXPECT_EQ(by_file.settings.server.port, 1);
    EXPECT_EQ(by_environment.settings.server.port, 2);
    EXPECT_EQ(by_flag.settings.server.port, 3);
    EXPECT_EQ(by_file.loaded->describe("server.port"), "server.port from app.toml line 2");
    EXPECT_EQ(by_environment.loaded->describe("server.port"), "server.port from NEXPO_SERVER_PORT");
    EXPECT_EQ(by_flag.loaded->describe("server.port"), "server.port from --server.port");
    EXPECT_EQ(by_flag.loaded->describe("database"), "database");
}

TEST(LoadSettings, NamesUnknownSettingsAndSuggests) {
    EXPECT_THAT(
        load({{"server.prot", "1"}, {"zzzzzzzz", "1"}}, {{"NEXPO_DATABSE", "x"}}, "[sever]\nport = 1\n").problems(),
        UnorderedElementsAre("--server.prot: unknown setting; did you mean --server.port?",
                             "--zzzzzzzz: unknown setting",
                             "NEXPO_DATABSE: unknown setting; did you mean NEXPO_DATABASE?",
                             "sever.port in app.toml line 2: unknown setting; did you mean server.port?"));
}

TEST(LoadSettings, ReportsEveryBadValueAtOnce) {
    EXPECT_THAT(
        load({{"server.port", "80a"}, {"server.small", "256"}, {"database", {}}},
             {{"NEXPO_SERVER_VERBOSE", "maybe"}, {"NEXPO_SERVER_RATE", "nan"}},
             "[server]\ncolour = 'blue'\naddress = 5\n")
            .problems(),
        UnorderedElementsAre("server.port from --server.port: must be a whole number from 0 to 65535, not \"80a\"",
                             "server.small from --server.small: must be a whole number, not \"256\"",
                             "database from --database: needs a value: text",
                             "server.verbose from NEXPO_SERVER_VERBOSE: must be true or false, not \"maybe\"",
                             "server.rate from NEXPO_SERVER_RATE: must be a number, not \"nan\"",
                             "server.colour from app.toml line 2: must be one of red, green",
                             "server.address from app.toml line 3: must be text"));
}

TEST(LoadSettings, AppliesTheRulesOfTheDescription) {
    EXPECT_THAT(load({{"server.port", "65536"}}, {{"NEXPO_DATABASE", ""}}, "").problems(),
                UnorderedElementsAre("server.port from --server.port: must be at most 65535",
                                     "database from NEXPO_DATABASE: is required"));
}

TEST(LoadSettings, RefusesValuesOfAnotherTomlType) {
    for (std::string const value : {"'8080'", "8080.0", "true", "[8080]", "{a = 1}", "1979-05-27"}) {
        auto const outcome = load({}, {}, "[server]\nport = " + value + "\n");
        EXPECT_FALSE(outcome.loaded.has_value()) << value;
    }
}

TEST(LoadSettings, RefusesStrayArguments) {
    Sources const sources{.command_line = {.strays = {"serve"}}};
    Settings settings;
    auto const loaded = load_settings(struct_type<Settings>(), &settings, sources);
    ASSERT_FALSE(loaded.has_value());
    EXPECT_THAT(loaded.error().message, HasSubstr("\"serve\": unexpected argument"));
}

TEST(LoadSettings, ReadsSecretsFromFiles) {
    SecretFile const file("hush\r\n");
    auto const outcome = load({}, {{"NEXPO_KEY_FILE", file.path()}}, "");
    ASSERT_TRUE(outcome.loaded.has_value());
    EXPECT_EQ(outcome.settings.shared.key.reveal(), "hush");
}

TEST(LoadSettings, RefusesSecretFilesThatAreMissingOrAmbiguousOrForPlainSettings) {
    EXPECT_THAT(load({}, {{"NEXPO_KEY_FILE", "/nonexistent"}}, "").problems(),
                ElementsAre("NEXPO_KEY_FILE: the file \"/nonexistent\" cannot be read: No such file or directory"));
    EXPECT_THAT(load({}, {{"NEXPO_KEY_FILE", "/nonexistent"}, {"NEXPO_KEY", "hush"}}, "").problems(),
                ElementsAre("NEXPO_KEY_FILE: only one of it and NEXPO_KEY may be set"));
    EXPECT_THAT(load({}, {{"NEXPO_DATABASE_FILE", "/etc/hostname"}}, "").problems(),
                ElementsAre("NEXPO_DATABASE_FILE: unknown setting; did you mean NEXPO_DATABASE?"));
}

TEST(LoadSettings, NeverShowsASecret) {
    for (std::string const file : {"key = 12345678\n", "key = 'hush-hush\n", "key = ['hush-hush']\n"}) {
        auto const outcome = load({}, {}, file);
        ASSERT_FALSE(outcome.loaded.has_value()) << file;
        EXPECT_THAT(outcome.loaded.error().message, Not(HasSubstr("hush")));
        EXPECT_THAT(outcome.loaded.error().message, Not(HasSubstr("12345678")));
    }
}

TEST(LoadSettings, ShortensAndEscapesWhatItQuotes) {
    auto const problems =
        load({{"server.port", std::string(1000, 'x')}}, {{"NEXPO_SERVER_SMALL", "\x1b[2J"}}, "").problems();
    ASSERT_EQ(problems.size(), 2U);
    for (auto const& problem : problems) {
        EXPECT_LT(problem.size(), 200U);
        EXPECT_EQ(problem.find('\x1b'), std::string::npos);
    }
}

TEST(LoadSettings, ReadsTheFileThatTheEnvironmentNames) {
    SecretFile const file("[server]\nport = 5\n");
    std::string const variable = "NEXPO_CONFIG=" + file.path();
    char const* const environment[] = {"PATH=/bin", variable.c_str(), nullptr};
    auto const sources = read_sources({}, environment);
    ASSERT_TRUE(sources.has_value());
    EXPECT_EQ(sources->file_path, file.path());
    Settings settings;
    ASSERT_TRUE(load_settings(struct_type<Settings>(), &settings, *sources).has_value());
    EXPECT_EQ(settings.server.port, 5);
}

TEST(LoadSettings, TellsWhichFileCannotBeRead) {
    char const* const environment[] = {nullptr};
    auto const sources = read_sources({.config_file = "/nonexistent.toml"}, environment);
    ASSERT_FALSE(sources.has_value());
    EXPECT_EQ(sources.error().message, "/nonexistent.toml: cannot be read: No such file or directory");
}

}  // namespace nexpo::hosts

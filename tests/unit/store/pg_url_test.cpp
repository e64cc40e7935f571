// SPDX-License-Identifier: Apache-2.0
#include "store/postgresql/pg_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "store/store.hpp"

namespace nexpo {
namespace {

using store::PgUrl;
using store::PgUse;
using ::testing::HasSubstr;
using ::testing::Not;

/// What libpq makes of the text, with its own defaults left out.
std::map<std::string, std::string> values(std::string const& text) {
    std::map<std::string, std::string> all;
    std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const options(PQconninfoParse(text.c_str(), nullptr),
                                                                               &PQconninfoFree);
    EXPECT_TRUE(options) << text;
    for (auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
        if (option->val != nullptr) all.emplace(option->keyword, option->val);
    }
    return all;
}

TEST(PgUrl, RefusesWhatItCannotUseAndRepeatsNothing) {
    struct Case {
        char const* url;
        char const* rule;
    };
    for (auto const& [url, rule] :
         {Case{"mysql://hunter2@localhost/a", "scheme"}, Case{"postgresql:hunter2", "scheme"},
          Case{"postgresql://ada:hunter2@/app", "host"}, Case{"postgresql://localhost/hunter2", "user"},
          Case{"postgresql://ada:hunter2@localhost", "dbname"}, Case{"postgresql://ada:hunter2@[::1/app", "url"},
          Case{"postgresql://ada:hunter%ZZ2@localhost/app", "url"},
          Case{"postgresql://ada@localhost/app?hunter2=1", "url"},
          Case{"postgresql://ada:hunter2@localhost/app?prepare=maybe", "prepare"},
          Case{"postgresql://ada:hunter2@localhost/app?service=a", "parameter"},
          Case{"postgresql://ada:hunter2@localhost/app?replication=database", "parameter"},
          Case{"postgresql://ada:hunter2@localhost/app?connect_timeout=0", "connect_timeout"},
          Case{"postgresql://ada:hunter2@localhost/app?connect_timeout=x", "connect_timeout"},
          Case{"postgresql://ada:hunter2@a,b,c/app?port=1,2", "host"},
          Case{"postgresql://ada:hunter2@a,,c/app", "host"}}) {
        auto const parsed = PgUrl::parse(url, "/database");
        ASSERT_FALSE(parsed) << url;
        EXPECT_EQ(parsed.error().code, Errc::invalid_argument) << url;
        ASSERT_EQ(parsed.error().violations.size(), 1U) << url;
        EXPECT_EQ(parsed.error().violations[0].field, "/database") << url;
        EXPECT_EQ(parsed.error().violations[0].rule, rule) << url;
        EXPECT_THAT(parsed.error().violations[0].message + parsed.error().message, Not(HasSubstr("hunter2"))) << url;
    }
}

TEST(PgUrl, NamesTheSettingThatIsWrong) {
    auto const field = [](store::StoreOptions options) {
        options.clock = system_clock();
        auto const opened = store::open_store(std::move(options));
        return opened ? std::string() : opened.error().violations.at(0).field;
    };
    constexpr auto kGood = "postgresql://ada@/app?host=/nowhere";
    EXPECT_EQ(field({.url = "postgresql://"}), "/database");
    EXPECT_EQ(field({.url = kGood, .owner_url = "postgresql://"}), "/database_owner");
    EXPECT_EQ(field({.url = kGood, .replica_urls = {kGood, "postgresql://"}}), "/database_replicas/1");
    // What is known of one server does not hold for another that answers in its place.
    EXPECT_EQ(field({.url = kGood, .replica_urls = {"postgresql://ada@a,b/app"}}), "/database_replicas/0");
    EXPECT_EQ(field({.url = "sqlite:a.db", .owner_url = kGood}), "/database_owner");
    EXPECT_EQ(field({.url = "sqlite:a.db", .replica_urls = {kGood}}), "/database_replicas");
}

TEST(PgUrl, GivesEachHostWithItsPort) {
    auto const url = PgUrl::parse("postgres://ada:p%27w%5C@a:1,[::1]:2,c/app?prepare=off&sslmode=require", "/database");
    ASSERT_TRUE(url);
    ASSERT_EQ(url->hosts(), 3U);
    EXPECT_FALSE(url->prepares());
    EXPECT_THAT(url->name(), Not(HasSubstr("p'w")));
    auto const second = values(url->connection_text(1, PgUse::read));
    EXPECT_EQ(second.at("host"), "::1");
    EXPECT_EQ(second.at("port"), "2");
    EXPECT_EQ(second.at("password"), "p'w\\");
    EXPECT_EQ(second.at("sslmode"), "require");
    EXPECT_EQ(second.at("options"), "") << "a pooler would refuse them";
    EXPECT_EQ(values(url->connection_text(2, PgUse::read)).at("port"), "5432");
}

TEST(PgUrl, OptionsOfOursAreFoundWhereverTheyStand) {
    for (char const* url : {"postgresql://a@h/d?prepare=off", "postgresql://a@h/d?prepare=off&sslmode=disable",
                            "postgresql://a@h/d?sslmode=disable&prepare=off", "postgresql://a:b?c@h/d?prepare=off"}) {
        auto const parsed = PgUrl::parse(url, "/database");
        ASSERT_TRUE(parsed) << url;
        EXPECT_FALSE(parsed->prepares()) << url;
    }
}

TEST(PgUrl, ConnectionsForReadingAreSnapshots) {
    auto const url = PgUrl::parse("postgresql://a@h/d?options=-c%20work_mem%3D8MB", "/database").value();
    auto const reading = values(url.connection_text(0, PgUse::read)).at("options");
    EXPECT_THAT(reading, HasSubstr("work_mem=8MB"));
    EXPECT_THAT(reading, HasSubstr("default_transaction_read_only=on"));
    EXPECT_THAT(values(url.connection_text(0, PgUse::write)).at("options"), Not(HasSubstr("read_only")));
}

// A library that is embedded in another program must not be steered behind its back.
TEST(PgUrl, LeavesNothingToTheEnvironment) {
    auto const url = PgUrl::parse("postgresql://ada@localhost/app", "/database").value();
    auto const given = values(url.connection_text(0, PgUse::write));
    std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const known(PQconninfoParse("", nullptr),
                                                                             &PQconninfoFree);
    for (auto* option = known.get(); option->keyword != nullptr; ++option) {
        if (option->envvar == nullptr || std::string_view(option->keyword) == "service") continue;
        EXPECT_TRUE(given.contains(option->keyword)) << option->keyword;
    }
    EXPECT_EQ(given.at("passfile"), "/dev/null/none");
    EXPECT_EQ(given.at("hostaddr"), "");
    EXPECT_EQ(given.at("target_session_attrs"), "primary");
}

// Newer versions refuse some parameters that are empty, and look at no host then.
TEST(PgUrl, GivesNothingThatLibpqRefuses) {
    auto const url = PgUrl::parse("postgresql://ada@/app?host=/nowhere", "/database").value();
    for (auto const use : {PgUse::read, PgUse::write, PgUse::migrate}) {
        std::unique_ptr<PGconn, decltype(&PQfinish)> const connection(PQconnectdb(url.connection_text(0, use).c_str()),
                                                                      &PQfinish);
        EXPECT_THAT(PQerrorMessage(connection.get()), HasSubstr("/nowhere/.s.PGSQL.5432"));
    }
}

}  // namespace
}  // namespace nexpo

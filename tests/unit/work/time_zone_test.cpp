// SPDX-License-Identifier: Apache-2.0
#include "work/time_zone.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace nexpo::work {
namespace {

namespace chrono = std::chrono;

chrono::sys_seconds utc(int year, unsigned month, unsigned day, int hour = 0) {
    return chrono::sys_days(chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)) + chrono::hours(hour);
}

TEST(TimeZone, KnowsTheClocksOfAllYears) {
    struct Case {
        std::string_view zone;
        chrono::sys_seconds time;
        chrono::minutes offset;
    };
    Case const cases[] = {
        {"UTC", utc(2026, 1, 1), chrono::minutes(0)},
        {"Europe/Berlin", utc(2026, 1, 1), chrono::minutes(60)},
        {"Europe/Berlin", utc(2026, 7, 1), chrono::minutes(120)},
        // The changes that are listed in the file end with the year 2037.
        {"Europe/Berlin", utc(2038, 7, 1), chrono::minutes(120)},
        {"America/New_York", utc(9999, 7, 1), chrono::minutes(-240)},
        {"America/New_York", utc(9999, 12, 31), chrono::minutes(-300)},
        {"Australia/Lord_Howe", utc(2050, 1, 1), chrono::minutes(660)},
        {"Australia/Lord_Howe", utc(2050, 7, 1), chrono::minutes(630)},
        {"Europe/Dublin", utc(2050, 1, 1), chrono::minutes(0)},
        {"Europe/Dublin", utc(2050, 7, 1), chrono::minutes(60)},
        {"America/Nuuk", utc(2050, 7, 1), chrono::minutes(-60)},
        {"Asia/Kathmandu", utc(2050, 7, 1), chrono::minutes(345)},
        {"US/Eastern", utc(2050, 1, 1), chrono::minutes(-300)},
        {"Etc/GMT+5", utc(2050, 1, 1), chrono::minutes(-300)},
    };
    for (auto const& [name, time, offset] : cases) {
        auto const zone = TimeZone::find(name);
        ASSERT_TRUE(zone) << name;
        auto const stretch = (*zone)->stretch(time);
        EXPECT_EQ(stretch.offset, offset) << name << " " << time.time_since_epoch().count();
        EXPECT_LE(stretch.begin, time);
        EXPECT_GT(stretch.finish, time);
        EXPECT_EQ((*zone)->stretch(stretch.begin).finish, stretch.finish) << name;
    }
}

TEST(TimeZone, RefusesWhatIsNoName) {
    std::string_view const names[] = {"",
                                      "Mars/Olympus",
                                      "europe/berlin",
                                      "/etc/passwd",
                                      "../../../etc/passwd",
                                      "Europe/../Europe/Berlin",
                                      "Europe",
                                      "Europe/",
                                      "Europe//Berlin",
                                      "localtime",
                                      "posixrules",
                                      "right/Europe/Berlin",
                                      "posix/Europe/Berlin",
                                      "tzdata.zi",
                                      "zone.tab",
                                      "leap-seconds.list",
                                      "EST5EDT,M3.2.0,M11.1.0",
                                      ":Europe/Berlin",
                                      "Europe/Berlin\n",
                                      std::string_view("UTC\0x", 5)};
    for (auto const name : names) {
        auto const zone = TimeZone::find(name);
        ASSERT_FALSE(zone) << name;
        EXPECT_EQ(zone.error().code, Errc::invalid_argument);
        EXPECT_EQ(zone.error().reason, "time_zone_unknown");
        EXPECT_EQ(zone.error().violations.at(0).field, "/time_zone");
    }
    EXPECT_FALSE(TimeZone::find(std::string(100'000, 'A')));
}

TEST(TimeZone, IsReadOnce) {
    EXPECT_EQ(TimeZone::find("Europe/Paris").value(), TimeZone::find("Europe/Paris").value());
}

TEST(TimeZone, RefusesDamagedFiles) {
    std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
    std::string const bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    ASSERT_TRUE(TimeZone::read(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(TimeZone::read(std::string_view(bytes).substr(0, size))) << size;
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto damaged = bytes;
        damaged[at] = static_cast<char>(~damaged[at]);
        if (auto const zone = TimeZone::read(damaged)) {
            auto const stretch = zone->stretch(utc(2026, 7, 1));
            EXPECT_LT(stretch.begin, stretch.finish) << at;
        }
    }
}

TEST(YearlyRule, ReadsEveryFormOfDate) {
    struct Case {
        std::string_view rule;
        chrono::sys_days begin;  // of 2028, a leap year
        int hour;
    };
    Case const cases[] = {
        {"EST5EDT,M3.2.0,M11.1.0", chrono::year(2028) / 3 / 12, 2},
        {"CET-1CEST,M3.5.0,M10.5.0/3", chrono::year(2028) / 3 / 26, 2},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", chrono::year(2028) / 3 / 26, -1},
        {"XXX3EDT4,J60/0,J365/23", chrono::year(2028) / 3 / 1, 0},
        {"XXX3EDT4,59/0,J365/23", chrono::year(2028) / 2 / 29, 0},
        {"<+0330>-3:30<+0430>,J59/24,J264/24", chrono::year(2028) / 2 / 28, 24},
    };
    for (auto const& [text, day, hour] : cases) {
        auto const rule = YearlyRule::parse(text);
        ASSERT_TRUE(rule && rule->summer) << text;
        auto const begin = rule->summer->begin.in(chrono::year(2028));
        EXPECT_EQ(begin.time_since_epoch(), (day + chrono::hours(hour)).time_since_epoch()) << text;
    }
    for (std::string_view const text : {"", "A1", "EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
                                        "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J365",
                                        "EST5EDT,J1,J366", "EST168", "EST5EDT,M3.2.0,M11.1.0x", "<EST5"}) {
        EXPECT_FALSE(YearlyRule::parse(text)) << text;
    }
}

}  // namespace
}  // namespace nexpo::work

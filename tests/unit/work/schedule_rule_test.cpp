// SPDX-License-Identifier: Apache-2.0
#include "work/schedule_rule.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace nexpo::work {
namespace {

Timestamp at(std::string_view text) {
    return parse_timestamp(text).value();
}

std::string due(ScheduleRule const& schedule, std::string_view after, std::size_t count) {
    std::string out;
    for (auto const time : schedule.preview(at(after), count))
        out.append(out.empty() ? "" : " ").append(to_string(time));
    return out;
}

TEST(ScheduleRule, KeepsToTheClocksOfItsZone) {
    struct Case {
        std::string_view what;
        std::string_view rule;
        std::string_view zone;
        std::string_view start;
        std::string_view due;  // three times after the start
    };
    Case const cases[] = {
        // Berlin: 2026-03-29 2:00 becomes 3:00 at 01:00Z; 2026-10-25 3:00 becomes 2:00 at 01:00Z.
        {"a skipped time is read with the offset from before", "30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z",
         "2026-03-28T01:30:00Z 2026-03-29T01:30:00Z 2026-03-30T00:30:00Z"},
        {"the same for a recurrence", "FREQ=DAILY;BYHOUR=2;BYMINUTE=30;BYSECOND=0", "Europe/Berlin",
         "2026-03-28T00:00:00Z", "2026-03-28T01:30:00Z 2026-03-29T01:30:00Z 2026-03-30T00:30:00Z"},
        {"a skipped time and a shown one are due in their order", "30 2,3,4 * * *", "Europe/Berlin",
         "2026-03-29T00:00:00Z", "2026-03-29T01:30:00Z 2026-03-29T02:30:00Z 2026-03-30T00:30:00Z"},
        {"and between each other", "15,45 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z",
         "2026-03-29T01:15:00Z 2026-03-29T01:45:00Z 2026-03-30T00:15:00Z"},
        {"a repeated time is due the first time", "30 2 * * *", "Europe/Berlin", "2026-10-24T22:00:00Z",
         "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z 2026-10-27T01:30:00Z"},
        {"also when asked within the second", "*/20 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z",
         "2026-10-26T01:00:00Z 2026-10-26T01:20:00Z 2026-10-26T01:40:00Z"},
        {"every hour runs through a repeated one", "0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z",
         "2026-10-25T00:00:00Z 2026-10-25T01:00:00Z 2026-10-25T02:00:00Z"},
        {"and through a skipped one", "0 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z",
         "2026-03-29T01:00:00Z 2026-03-29T02:00:00Z 2026-03-29T03:00:00Z"},
        {"every second hour names hours", "0 */2 * * *", "Europe/Berlin", "2026-03-28T23:30:00Z",
         "2026-03-29T01:00:00Z 2026-03-29T02:00:00Z 2026-03-29T04:00:00Z"},
        {"an interval of hours is elapsed time", "FREQ=HOURLY;INTERVAL=6", "Europe/Berlin", "2026-10-24T20:00:00Z",
         "2026-10-25T02:00:00Z 2026-10-25T08:00:00Z 2026-10-25T14:00:00Z"},
        {"where days are named, they are days of the zone", "FREQ=HOURLY;INTERVAL=12;BYDAY=SU", "Europe/Berlin",
         "2026-10-24T22:00:00Z", "2026-10-25T10:00:00Z 2026-10-25T22:00:00Z 2026-11-01T10:00:00Z"},
        {"half an hour is skipped", "15 2 * * *", "Australia/Lord_Howe", "2026-10-02T16:00:00Z",
         "2026-10-03T15:45:00Z 2026-10-04T15:15:00Z 2026-10-05T15:15:00Z"},
        {"a whole day was skipped", "0 12 * * *", "Pacific/Apia", "2011-12-29T22:00:00Z",
         "2011-12-30T22:00:00Z 2011-12-31T22:00:00Z 2012-01-01T22:00:00Z"},
        {"midnight is skipped", "0 0 * * *", "Africa/Cairo", "2026-04-22T22:00:00Z",
         "2026-04-23T22:00:00Z 2026-04-24T21:00:00Z 2026-04-25T21:00:00Z"},
        {"far ahead", "30 2 * * *", "America/New_York", "2500-03-13T12:00:00Z",
         "2500-03-14T07:30:00Z 2500-03-15T06:30:00Z 2500-03-16T06:30:00Z"},
        {"UNTIL in UTC is a moment", "FREQ=DAILY;UNTIL=20260103T080000Z", "Europe/Berlin", "2026-01-01T08:00:00Z",
         "2026-01-02T08:00:00Z 2026-01-03T08:00:00Z"},
        {"UNTIL in local time is read on the clock", "FREQ=DAILY;UNTIL=20260103T085959", "Europe/Berlin",
         "2026-01-01T08:00:00Z", "2026-01-02T08:00:00Z"},
        {"COUNT counts elapsed hours", "FREQ=HOURLY;COUNT=4\nEXDATE:20261025T030000", "Europe/Berlin",
         "2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z 2026-10-25T02:30:00Z"},
        {"the last second", "59 59 23 31 12 *", "UTC", "9998-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
        {"no local time of the year 10000", "0 0 * * *", "Pacific/Kiritimati", "9999-12-30T12:00:00Z", ""},
    };
    for (auto const& [what, rule, zone, start, times] : cases) {
        auto const schedule = ScheduleRule::parse(rule, zone, at(start));
        ASSERT_TRUE(schedule) << what << ": " << schedule.error().message;
        EXPECT_EQ(due(*schedule, start, 3), times) << what;
    }
}

TEST(ScheduleRule, IsNotDueBeforeItsStart) {
    auto const schedule = ScheduleRule::parse("0 9 * * *", "UTC", at("2026-05-01T09:00:00Z")).value();
    EXPECT_EQ(due(schedule, "2020-01-01T00:00:00Z", 2), "2026-05-01T09:00:00Z 2026-05-02T09:00:00Z");
    EXPECT_EQ(schedule.next(min_timestamp()), at("2026-05-01T09:00:00Z"));
    EXPECT_EQ(schedule.next(Timestamp::min()), at("2026-05-01T09:00:00Z"));
    EXPECT_EQ(schedule.next(Timestamp::max()), std::nullopt);
}

TEST(ScheduleRule, LooksStrictlyAfterTheGivenMicrosecond) {
    auto const schedule = ScheduleRule::parse("* * * * * *", "UTC", at("2026-05-01T00:00:00Z")).value();
    EXPECT_EQ(schedule.next(at("2026-05-01T09:00:00Z")), at("2026-05-01T09:00:01Z"));
    EXPECT_EQ(schedule.next(at("2026-05-01T09:00:00.999999Z")), at("2026-05-01T09:00:01Z"));
    EXPECT_EQ(schedule.next(at("2026-05-01T08:59:59.999999Z")), at("2026-05-01T09:00:00Z"));
}

TEST(ScheduleRule, PreviewsAsManyAsAskedForAndNoMoreThanItMay) {
    auto const schedule = ScheduleRule::parse("* * * * *", "UTC", at("2026-05-01T00:00:00Z")).value();
    EXPECT_TRUE(schedule.preview(at("2026-05-01T00:00:00Z"), 0).empty());
    EXPECT_EQ(schedule.preview(at("2026-05-01T00:00:00Z"), 1'000'000).size(), ScheduleRule::kMaxPreview);
}

TEST(ScheduleRule, NamesWhatItRefuses) {
    auto const start = at("2026-01-01T00:00:00Z");
    auto const field = [](Result<ScheduleRule> const& schedule) { return schedule.error().violations.at(0).field; };
    EXPECT_EQ(field(ScheduleRule::parse("* * * *", "UTC", start)), "/rule");
    EXPECT_EQ(field(ScheduleRule::parse("FREQ=DAILY;X=1", "UTC", start)), "/rule");
    EXPECT_EQ(field(ScheduleRule::parse("* * * * *", "Mars/Olympus", start)), "/time_zone");
    EXPECT_EQ(field(ScheduleRule::parse("* * * * *", "UTC", Timestamp::max())), "/start_at");
    EXPECT_EQ(field(ScheduleRule::parse("* * * * *", "UTC", Timestamp::min())), "/start_at");
}

TEST(ScheduleRuleConcurrency, ZonesAndRulesAreShared) {
    auto const shared = ScheduleRule::parse("30 2 * * *", "Europe/Berlin", at("2026-01-01T00:00:00Z")).value();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (auto const* const zone : {"Asia/Tokyo", "Asia/Seoul", "Asia/Dubai", "Europe/Rome"}) {
                EXPECT_TRUE(ScheduleRule::parse("0 9 * * *", zone, at("2026-01-01T00:00:00Z")));
                EXPECT_EQ(shared.preview(at("2026-01-01T00:00:00Z"), 100).size(), 100U);
            }
        });
    }
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace nexpo::work

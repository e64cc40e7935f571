// SPDX-License-Identifier: Apache-2.0
#include "nexpo/time.hpp"

#include <gtest/gtest.h>

#include <string>

#include "nexpo/testing/clock.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;

TEST(Timestamp, PrintsAndReadsTheSameText) {
    for (std::string const text :
         {"0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z", "2000-02-29T23:59:59.1Z",
          "2026-03-01T12:00:00.25Z", "2026-03-01T12:00:00.000001Z", "9999-12-31T23:59:59.999999Z"}) {
        auto const time = parse_timestamp(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(to_string(*time), text);
    }
}

TEST(Timestamp, ReadsEverySpellingOfRfc3339) {
    struct Case {
        char const* text;
        char const* utc;
    };
    for (auto const& [text, utc] : {
             Case{"2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00Z"},
             Case{"2026-03-01T12:00:00-02:30", "2026-03-01T14:30:00Z"},
             Case{"2026-03-01T12:00:00-00:00", "2026-03-01T12:00:00Z"},
             Case{"2026-03-01t12:00:00z", "2026-03-01T12:00:00Z"},
             Case{"2026-03-01T12:00:00.500000Z", "2026-03-01T12:00:00.5Z"},
             Case{"2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123456Z"},
             Case{"1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"},
             Case{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
             Case{"2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.25Z"},
             Case{"2016-12-31T15:59:60-08:00", "2017-01-01T00:00:00Z"},
             Case{"0001-01-01T01:00:00+01:00", "0001-01-01T00:00:00Z"},
             Case{"2024-02-29T00:00:00+23:59", "2024-02-28T00:01:00Z"},
         }) {
        auto const time = parse_timestamp(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(to_string(*time), utc) << text;
    }
}

TEST(Timestamp, RefusesEverythingElse) {
    for (std::string const text : {"",
                                   "2026-03-01",
                                   "2026-03-01T12:00:00",
                                   "2026-03-01T12:00Z",
                                   "2026-03-01 12:00:00Z",
                                   " 2026-03-01T12:00:00Z",
                                   "2026-03-01T12:00:00Z ",
                                   "2026-03-01T12:00:00ZZ",
                                   "20260301T120000Z",
                                   "26-03-01T12:00:00Z",
                                   "+2026-03-01T12:00:00Z",
                                   "-026-03-01T12:00:00Z",
                                   "10000-01-01T00:00:00Z",
                                   "0000-01-01T00:00:00Z",
                                   "2026-00-01T12:00:00Z",
                                   "2026-13-01T12:00:00Z",
                                   "2026-03-00T12:00:00Z",
                                   "2026-02-29T12:00:00Z",
                                   "1900-02-29T12:00:00Z",
                                   "2026-04-31T12:00:00Z",
                                   "2026-03-01T24:00:00Z",
                                   "2026-03-01T12:60:00Z",
                                   "2026-03-01T12:00:61Z",
                                   "2026-03-01T12:00:60Z",
                                   "2026-03-14T23:59:60Z",
                                   "2026-03-01T12:00:00.Z",
                                   "2026-03-01T12:00:00,5Z",
                                   "2026-03-01T12:00:00.1234567890Z",
                                   "2026-03-01T12:00:00.12-3Z",
                                   "2026-03-01T12:00:00+0200",
                                   "2026-03-01T12:00:00+02",
                                   "2026-03-01T12:00:00+24:00",
                                   "2026-03-01T12:00:00+02:60",
                                   "2026-03-01T12:00:00+-2:00",
                                   "0001-01-01T00:00:00+00:01",
                                   "9999-12-31T23:59:59-00:01",
                                   "9999-12-31T23:59:60Z",
                                   "2026-3-1T12:00:00Z",
                                   "2026-03-0xT12:00:00Z",
                                   "\xEF\xBC\x92"
                                   "026-03-01T12:00:00Z"}) {
        auto const time = parse_timestamp(text);
        ASSERT_FALSE(time) << text;
        EXPECT_EQ(time.error().code, Errc::invalid_argument);
    }
    EXPECT_FALSE(parse_timestamp(std::string("2026-03-01T12:00:00Z\0", 21)));
    EXPECT_FALSE(parse_timestamp("2026-03-01T12:00:00." + std::string(1'000'000, '1') + "Z"));
}

TEST(Timestamp, PrintsTheNearestValidValue) {
    EXPECT_EQ(to_string(Timestamp::min()), "0001-01-01T00:00:00Z");
    EXPECT_EQ(to_string(Timestamp::max()), "9999-12-31T23:59:59.999999Z");
}

TEST(SystemClock, TellsARealTime) {
    auto const clock = system_clock();
    EXPECT_GT(clock->now(), parse_timestamp("2024-01-01T00:00:00Z").value());
    auto const earlier = clock->steady_now();
    EXPECT_GE(clock->steady_now(), earlier);
    EXPECT_EQ(clock, system_clock());
}

TEST(ManualClock, MovesOnlyWhenTold) {
    testing::ManualClock clock;
    Timestamp const start = clock.now();
    auto const steady_start = clock.steady_now();
    EXPECT_EQ(clock.now(), start);
    clock.advance(1500ms);
    EXPECT_EQ(clock.now() - start, 1500ms);
    EXPECT_EQ(clock.steady_now() - steady_start, 1500ms);
    clock.set(start - 1h);
    EXPECT_EQ(clock.now(), start - 1h);
    EXPECT_EQ(clock.steady_now() - steady_start, 1500ms);
}

}  // namespace
}  // namespace nexpo

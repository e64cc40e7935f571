// SPDX-License-Identifier: Apache-2.0
#include "work/recurrence.hpp"

#include <gtest/gtest.h>

#include "unit/work/local_text.hpp"

namespace nexpo::work {
namespace {

TEST(Recurrence, SaysWhenItIsDueNext) {
    struct Case {
        std::string_view rule;
        std::string_view begin;
        std::string_view due;  // the first three
    };
    Case const cases[] = {
        // Examples of RFC 5545 section 3.8.5.3, whose DTSTART is 2 September 1997 at nine.
        {"RRULE:FREQ=DAILY;COUNT=2", "1997-09-02 09:00", "1997-09-02 09:00, 1997-09-03 09:00, none"},
        {"FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", "1998-01-01 09:00",
         "1998-01-01 09:00, 1998-01-02 09:00, 1998-01-03 09:00"},
        {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05 09:00",
         "1997-08-05 09:00, 1997-08-10 09:00, 1997-08-19 09:00"},
        {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05 09:00",
         "1997-08-05 09:00, 1997-08-17 09:00, 1997-08-19 09:00"},
        {"FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07 09:00",
         "1997-09-07 09:00, 1997-09-28 09:00, 1997-11-02 09:00"},
        {"FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22 09:00", "1997-09-22 09:00, 1997-10-20 09:00, 1997-11-17 09:00"},
        {"FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28 09:00", "1997-09-28 09:00, 1997-10-29 09:00, 1997-11-28 09:00"},
        {"FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "1997-01-01 09:00",
         "1997-01-01 09:00, 1997-04-10 09:00, 1997-07-19 09:00"},
        {"FREQ=YEARLY;BYDAY=20MO", "1997-05-19 09:00", "1997-05-19 09:00, 1998-05-18 09:00, 1999-05-17 09:00"},
        {"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12 09:00",
         "1997-05-12 09:00, 1998-05-11 09:00, 1999-05-17 09:00"},
        {"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02 09:00",
         "1998-02-13 09:00, 1998-03-13 09:00, 1998-11-13 09:00"},
        {"FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05 09:00",
         "1996-11-05 09:00, 2000-11-07 09:00, 2004-11-02 09:00"},
        {"FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04 09:00",
         "1997-09-04 09:00, 1997-10-07 09:00, 1997-11-06 09:00"},
        {"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29 09:00",
         "1997-09-29 09:00, 1997-10-30 09:00, 1997-11-27 09:00"},
        {"FREQ=MINUTELY;INTERVAL=90;COUNT=4", "1997-09-02 09:00",
         "1997-09-02 09:00, 1997-09-02 10:30, 1997-09-02 12:00"},
        {"FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", "1997-09-02 16:40",
         "1997-09-02 16:40, 1997-09-03 09:00, 1997-09-03 09:20"},
        {"FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-30 09:00",
         "2007-01-30 09:00, 2007-02-15 09:00, 2007-03-15 09:00"},
        // What libical 3.0.16 has otherwise, or not at all.
        {"FREQ=MONTHLY;BYSETPOS=2;BYDAY=MO,TU;BYHOUR=3,4", "2026-01-01 09:00",
         "2026-01-05 04:00, 2026-02-02 04:00, 2026-03-02 04:00"},
        {"FREQ=DAILY;BYSETPOS=-1;BYHOUR=3,5,7", "2026-01-02 09:00",
         "2026-01-03 07:00, 2026-01-04 07:00, 2026-01-05 07:00"},
        {"FREQ=YEARLY;BYYEARDAY=-1;BYMONTH=12", "2026-01-02 09:00",
         "2026-12-31 09:00, 2027-12-31 09:00, 2028-12-31 09:00"},
        {"FREQ=YEARLY;BYMONTHDAY=1;BYDAY=2MO", "2026-01-02 09:00", "none"},
        // Room that the RFC leaves.
        {"FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2024-06-01 09:00", "2024-12-30 09:00, 2025-12-29 09:00, 2027-01-04 09:00"},
        {"FREQ=YEARLY;BYWEEKNO=-1", "2026-01-02 09:00", "2027-01-01 09:00, 2027-12-31 09:00, 2028-12-29 09:00"},
        {"FREQ=MONTHLY;BYDAY=MO,-1FR", "2026-01-20 09:00", "2026-01-26 09:00, 2026-01-30 09:00, 2026-02-02 09:00"},
        {"FREQ=YEARLY;BYMONTH=2", "2024-02-29 09:00", "2024-02-29 09:00, 2028-02-29 09:00, 2032-02-29 09:00"},
        {"FREQ=MONTHLY", "2026-01-31 09:00", "2026-01-31 09:00, 2026-03-31 09:00, 2026-05-31 09:00"},
        {"FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1", "2026-01-07 09:00",
         "2026-01-12 09:00, 2026-01-19 09:00, 2026-01-26 09:00"},
        {"FREQ=HOURLY;BYMINUTE=10,50;BYSETPOS=-1", "2026-01-01 09:00",
         "2026-01-01 09:50, 2026-01-01 10:50, 2026-01-01 11:50"},
        {"FREQ=DAILY;BYSECOND=60;COUNT=1", "2026-01-01 09:00", "2026-01-01 09:00:59, none"},
        {"FREQ=DAILY;UNTIL=20260102", "2026-01-01 09:00", "2026-01-01 09:00, 2026-01-02 09:00, none"},
        {"FREQ=DAILY;UNTIL=20260102T085959", "2026-01-01 09:00", "2026-01-01 09:00, none"},
        {"EXDATE:20260102T090000,20260103T090000\r\nRRULE:FREQ=DAILY;COUNT=4\n", "2026-01-01 09:00",
         "2026-01-01 09:00, 2026-01-04 09:00, none"},
        {"freq=secondly;interval=86399;byhour=3;byminute=0;bysecond=0", "2026-01-01 03:00",
         "2026-01-01 03:00, 2262-07-22 03:00, 2499-02-08 03:00"},
        {"FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3", "2026-01-01 09:00",
         "2028-02-29 03:00, 2028-02-29 03:01, 2028-02-29 03:02"},
        {"FREQ=YEARLY;INTERVAL=7000", "2026-01-01 09:00", "2026-01-01 09:00, 9026-01-01 09:00, none"},
    };
    for (auto const& [rule, begin, due] : cases) {
        auto const start = local(std::string(begin));
        auto const recurrence = Recurrence::parse(rule, start);
        if (due == "none") {
            EXPECT_EQ(recurrence.error().reason, "schedule_never_due") << rule;
            continue;
        }
        ASSERT_TRUE(recurrence) << rule << ": " << recurrence.error().message;
        EXPECT_EQ(next_times(*recurrence, text(start - std::chrono::seconds(1)), 3), due) << rule;
    }
}

TEST(Recurrence, NamesThePartAndWhatItBreaks) {
    struct Case {
        std::string_view rule;
        std::string_view broken;
    };
    Case const cases[] = {
        {"", "rrule_missing"},
        {"RRULE:", "rrule_form"},
        {"DTSTART:20260101T090000\nRRULE:FREQ=DAILY", "rrule_form"},
        {"RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY", "rrule_repeated"},
        {"RRULE:INTERVAL=2", "freq_missing"},
        {"FREQ=FORTNIGHTLY", "freq_form"},
        {"FREQ=DAILY;FREQ=DAILY", "freq_repeated"},
        {"FREQ=DAILY;", "rrule_form"},
        {"FREQ=DAILY;X=1", "rrule_part"},
        {"FREQ=DAILY;RSCALE=CHINESE", "rrule_part"},
        {"FREQ=DAILY;INTERVAL=0", "interval_range"},
        {"FREQ=DAILY;INTERVAL=-1", "interval_range"},
        {"FREQ=DAILY;INTERVAL=9999999999", "interval_range"},
        {"FREQ=DAILY;COUNT=0", "count_range"},
        {"FREQ=DAILY;COUNT=10001", "count_range"},
        {"FREQ=DAILY;COUNT=1;UNTIL=20260101", "count_until"},
        {"FREQ=DAILY;UNTIL=20260230", "until_form"},
        {"FREQ=DAILY;UNTIL=20260101T240000Z", "until_form"},
        {"FREQ=DAILY;BYHOUR=24", "byhour_range"},
        {"FREQ=DAILY;BYHOUR=", "byhour_range"},
        {"FREQ=DAILY;BYHOUR=1,,2", "byhour_range"},
        {"FREQ=DAILY;BYMINUTE=60", "byminute_range"},
        {"FREQ=DAILY;BYSECOND=61", "bysecond_range"},
        {"FREQ=DAILY;BYMONTH=13", "bymonth_range"},
        {"FREQ=MONTHLY;BYMONTHDAY=0", "bymonthday_range"},
        {"FREQ=MONTHLY;BYMONTHDAY=-32", "bymonthday_range"},
        {"FREQ=YEARLY;BYYEARDAY=367", "byyearday_range"},
        {"FREQ=YEARLY;BYWEEKNO=54", "byweekno_range"},
        {"FREQ=YEARLY;BYDAY=54MO", "byday_form"},
        {"FREQ=YEARLY;BYDAY=0MO", "byday_form"},
        {"FREQ=YEARLY;BYDAY=M", "byday_form"},
        {"FREQ=DAILY;WKST=1MO", "wkst_form"},
        {"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "bysetpos_range"},
        {"FREQ=MONTHLY;BYSETPOS=1", "bysetpos_alone"},
        {"FREQ=MONTHLY;BYWEEKNO=1", "byweekno_frequency"},
        {"FREQ=DAILY;BYYEARDAY=1", "byyearday_frequency"},
        {"FREQ=WEEKLY;BYMONTHDAY=1", "bymonthday_frequency"},
        {"FREQ=WEEKLY;BYDAY=1MO", "byday_frequency"},
        {"FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "byday_frequency"},
        {"FREQ=DAILY\nEXDATE:20260101", "exdate_form"},
        {"FREQ=DAILY\nEXDATE;TZID=X:20260101T000000", "rrule_form"},
    };
    for (auto const& [rule, broken] : cases) {
        auto const recurrence = Recurrence::parse(rule, local("2026-01-01 09:00"));
        ASSERT_FALSE(recurrence) << rule;
        EXPECT_EQ(recurrence.error().code, Errc::invalid_argument) << rule;
        EXPECT_EQ(recurrence.error().reason, "schedule_rule_invalid") << rule;
        EXPECT_EQ(recurrence.error().violations.at(0).rule, broken) << rule;
    }
}

TEST(Recurrence, SearchesNoHostileRuleForLong) {
    std::string_view const rules[] = {
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
        "FREQ=SECONDLY;INTERVAL=7;BYDAY=MO;BYHOUR=0;BYMINUTE=0;BYSECOND=3;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=8",
        "FREQ=MINUTELY;INTERVAL=999999999;BYMINUTE=1",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;BYDAY=MO;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
    };
    auto const begun = std::chrono::steady_clock::now();
    for (auto const rule : rules) {
        EXPECT_EQ(Recurrence::parse(rule, local("2026-01-01 09:00")).error().reason, "schedule_never_due") << rule;
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
}

}  // namespace
}  // namespace nexpo::work

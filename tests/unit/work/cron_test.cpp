// SPDX-License-Identifier: Apache-2.0
#include "work/cron.hpp"

#include <gtest/gtest.h>

#include "unit/work/local_text.hpp"

namespace nexpo::work {
namespace {

TEST(CronRule, SaysWhenItIsDueNext) {
    struct Case {
        std::string_view rule;
        std::string_view after;
        std::string_view due;
    };
    Case const cases[] = {
        {"*/15 9 * * *", "2026-01-01 09:20", "2026-01-01 09:30, 2026-01-01 09:45, 2026-01-02 09:00"},
        {"30 0 9 * * *", "2026-01-01 09:00", "2026-01-01 09:00:30, 2026-01-02 09:00:30, 2026-01-03 09:00:30"},
        {"0 9 * * MON-FRI", "2026-01-02 10:00", "2026-01-05 09:00, 2026-01-06 09:00, 2026-01-07 09:00"},
        {"0 0 1 jan,Jul *", "2026-01-01 00:00", "2026-07-01 00:00, 2027-01-01 00:00, 2027-07-01 00:00"},
        {"5/20 0 1 1 *", "2026-01-01 00:00", "2026-01-01 00:05, 2026-01-01 00:25, 2026-01-01 00:45"},
        {"0 0 10-20/5 * *", "2026-01-01 00:00", "2026-01-10 00:00, 2026-01-15 00:00, 2026-01-20 00:00"},
        {"0 0 L * *", "2028-01-31 00:00", "2028-02-29 00:00, 2028-03-31 00:00, 2028-04-30 00:00"},
        {"0 0 L-2 * ?", "2026-01-31 00:00", "2026-02-26 00:00, 2026-03-29 00:00, 2026-04-28 00:00"},
        {"0 0 L-30 * *", "2026-01-01 00:00", "2026-03-01 00:00, 2026-05-01 00:00, 2026-07-01 00:00"},
        {"0 0 * * 5L", "2026-01-01 00:00", "2026-01-30 00:00, 2026-02-27 00:00, 2026-03-27 00:00"},
        {"0 0 ? * 2#3", "2026-01-01 00:00", "2026-01-20 00:00, 2026-02-17 00:00, 2026-03-17 00:00"},
        {"0 0 ? * TUE#5", "2026-01-01 00:00", "2026-03-31 00:00, 2026-06-30 00:00, 2026-09-29 00:00"},
        {"0 0 * * 0", "2026-01-01 00:00", "2026-01-04 00:00, 2026-01-11 00:00, 2026-01-18 00:00"},
        {"0 0 * * 7", "2026-01-01 00:00", "2026-01-04 00:00, 2026-01-11 00:00, 2026-01-18 00:00"},
        {"0 0 * * FRI-SUN", "2026-01-01 00:00", "2026-01-02 00:00, 2026-01-03 00:00, 2026-01-04 00:00"},
        {"0 0 * * 5-7", "2026-01-04 00:00", "2026-01-09 00:00, 2026-01-10 00:00, 2026-01-11 00:00"},
        // 1 August 2026 is a Saturday, 15 August too, 31 May a Sunday.
        {"0 0 1W 8 *", "2026-01-01 00:00", "2026-08-03 00:00, 2027-08-02 00:00, 2028-08-01 00:00"},
        {"0 0 15W 8 *", "2026-01-01 00:00", "2026-08-14 00:00, 2027-08-16 00:00, 2028-08-15 00:00"},
        {"0 0 31W 5 *", "2026-01-01 00:00", "2026-05-29 00:00, 2027-05-31 00:00, 2028-05-31 00:00"},
        {"0 0 LW * *", "2026-01-31 00:00", "2026-02-27 00:00, 2026-03-31 00:00, 2026-04-30 00:00"},
        // Both day fields: either.
        {"0 0 13 * FRI", "2026-02-01 00:00", "2026-02-06 00:00, 2026-02-13 00:00, 2026-02-20 00:00"},
        {"0 0 */15 * MON", "2026-02-01 00:00", "2026-02-02 00:00, 2026-02-09 00:00, 2026-02-16 00:00"},
        // Rare dates.
        {"0 0 29 2 *", "2096-02-29 00:00", "2104-02-29 00:00, 2108-02-29 00:00, 2112-02-29 00:00"},
        {"0 0 * 2 1#5", "2026-01-01 00:00", "2044-02-29 00:00, 2072-02-29 00:00, 2112-02-29 00:00"},
        {"@hourly", "2026-01-01 00:00", "2026-01-01 01:00, 2026-01-01 02:00, 2026-01-01 03:00"},
        {" @Weekly ", "2026-01-01 00:00", "2026-01-04 00:00, 2026-01-11 00:00, 2026-01-18 00:00"},
        {"@yearly", "2026-01-01 00:00", "2027-01-01 00:00, 2028-01-01 00:00, 2029-01-01 00:00"},
        {"59 59 23 31 12 *", "9998-06-01 00:00", "9998-12-31 23:59:59, 9999-12-31 23:59:59, none"},
    };
    for (auto const& [rule, after, due] : cases) {
        auto const cron = CronRule::parse(rule);
        ASSERT_TRUE(cron) << rule << ": " << cron.error().message;
        EXPECT_EQ(next_times(*cron, after, 3), due) << rule;
    }
}

TEST(CronRule, NamesTheFieldAndWhatItBreaks) {
    struct Case {
        std::string_view rule;
        std::string_view broken;
    };
    Case const cases[] = {
        {"", "cron_fields"},
        {"* * * *", "cron_fields"},
        {"* * * * * * *", "cron_fields"},
        {"@reboot", "cron_macro"},
        {"60 * * * *", "minute_range"},
        {"61 * * * * *", "second_range"},
        {"99999999999999999999 * * * *", "minute_range"},
        {"-1 * * * *", "minute_form"},
        {"* 24 * * *", "hour_range"},
        {"* * 0 * *", "day_of_month_range"},
        {"* * 32 * *", "day_of_month_range"},
        {"* * L-31 * *", "day_of_month_range"},
        {"* * Lx * *", "day_of_month_form"},
        {"* * 0W * *", "day_of_month_range"},
        {"* * * 13 *", "month_range"},
        {"* * * foo *", "month_form"},
        {"* * * * 8", "day_of_week_range"},
        {"* * * * L", "day_of_week_form"},
        {"* * * * 1#6", "day_of_week_nth"},
        {"* * * * 1#0", "day_of_week_nth"},
        {"* * * * #1", "day_of_week_form"},
        {"5-1 * * * *", "minute_order"},
        {"*/0 * * * *", "minute_step"},
        {"*/60 * * * *", "minute_step"},
        {"1/2/3 * * * *", "minute_form"},
        {"1,,2 * * * *", "minute_form"},
        {"1, * * * *", "minute_form"},
        {"? * * * *", "minute_form"},
        {"1-2-3 * * * *", "minute_form"},
        {"* * ?,1 * *", "day_of_month_form"},
        {"* * 30 2 *", "never"},
        {"* * 31 4,6,9,11 *", "never"},
        {"* * L-30 2,4 *", "never"},
        {"* * 31W 2 ?", "never"},
    };
    for (auto const& [rule, broken] : cases) {
        auto const cron = CronRule::parse(rule);
        ASSERT_FALSE(cron) << rule;
        EXPECT_EQ(cron.error().code, Errc::invalid_argument) << rule;
        EXPECT_EQ(cron.error().reason, broken == "never" ? "schedule_never_due" : "schedule_rule_invalid") << rule;
        ASSERT_EQ(cron.error().violations.size(), 1U) << rule;
        EXPECT_EQ(cron.error().violations[0].field, "/rule") << rule;
        EXPECT_EQ(cron.error().violations[0].rule, broken) << rule;
    }
}

TEST(CronRule, RefusesLongTexts) {
    EXPECT_EQ(CronRule::parse("* * * * " + std::string(1100, '1')).error().violations[0].rule, "cron_length");
    EXPECT_TRUE(CronRule::parse("* * * * 1" + std::string(1000, ' ')));
    EXPECT_FALSE(CronRule::parse(std::string_view("* * * * \0", 9)));
}

TEST(CronRule, StopsAtTheLimitItIsGiven) {
    auto const cron = CronRule::parse("0 9 * * *").value();
    EXPECT_EQ(cron.next(local("2026-01-01 09:00"), local("2026-01-02 08:59")), std::nullopt);
    EXPECT_EQ(cron.next(local("2026-01-01 09:00"), local("2026-01-02 09:00")), local("2026-01-02 09:00"));
    EXPECT_EQ(cron.next(std::chrono::local_seconds::max() - std::chrono::days(1)), std::nullopt);
    EXPECT_TRUE(cron.next(std::chrono::local_seconds::min()));
}

}  // namespace
}  // namespace nexpo::work

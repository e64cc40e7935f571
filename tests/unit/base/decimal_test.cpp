// SPDX-License-Identifier: Apache-2.0
#include "nexpo/decimal.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo {
namespace {

Decimal decimal(char const* text) {
    return Decimal::parse(text).value();
}

std::string outcome(Result<Decimal> const& result) {
    return result ? result->to_string() : std::string(to_string(result.error().code));
}

TEST(Decimal, PrintsAndReadsTheSameText) {
    for (char const* text :
         {"0", "7", "-7", "0.5", "-0.5", "12.50", "-12.50", "0.000000001", "100.000000000", "9223372036854775807",
          "-9223372036854775808", "9223372036.854775807", "-9223372036.854775808", "0.00"}) {
        EXPECT_EQ(outcome(Decimal::parse(text)), text);
    }
    EXPECT_EQ(outcome(Decimal::parse("-0")), "0");
}

TEST(Decimal, RefusesOtherText) {
    for (char const* text :
         {"",    "-",   ".",  "+1", "--1", "1.",    ".5",   "-.5", "00",  "01",    "-01",      "1.0000000000",
          "1e3", "1,5", " 1", "1 ", "0x1", "1.5.5", "1.-5", "NaN", "inf", "1_000", "\xD9\xA1", "1/2"}) {
        EXPECT_EQ(outcome(Decimal::parse(text)), "invalid_argument") << text;
    }
    for (char const* text :
         {"9223372036854775808", "-9223372036854775809", "9223372036854775807.0", "18446744073709551616",
          "99999999999999999999999999999999999999999999999999", "10000000000.000000000"}) {
        EXPECT_EQ(outcome(Decimal::parse(text)), "out_of_range") << text;
    }
    EXPECT_EQ(outcome(Decimal::parse(std::string(1'000'000, '9'))), "out_of_range");
    EXPECT_EQ(outcome(Decimal::parse(std::string("1\0", 2))), "invalid_argument");
}

TEST(Decimal, HasAScaleOfZeroToNine) {
    EXPECT_EQ(outcome(Decimal::make(5, 9)), "0.000000005");
    EXPECT_EQ(outcome(Decimal::make(5, 10)), "out_of_range");
    EXPECT_EQ(outcome(Decimal::make(5, -1)), "out_of_range");
    EXPECT_EQ(outcome(decimal("1").rescale(10)), "out_of_range");
    EXPECT_EQ(outcome(decimal("1").multiply(1, 10)), "out_of_range");
    EXPECT_EQ(outcome(decimal("1").divide(1, -1)), "out_of_range");
}

TEST(Decimal, RoundsHalfToEven) {
    struct Case {
        char const* number;
        int scale;
        char const* expected;
    };
    for (auto const& [number, scale, expected] : {
             Case{"0.5", 0, "0"},
             Case{"1.5", 0, "2"},
             Case{"2.5", 0, "2"},
             Case{"-0.5", 0, "0"},
             Case{"-1.5", 0, "-2"},
             Case{"-2.5", 0, "-2"},
             Case{"2.51", 0, "3"},
             Case{"-2.51", 0, "-3"},
             Case{"2.49", 0, "2"},
             Case{"0.125", 2, "0.12"},
             Case{"0.135", 2, "0.14"},
             Case{"0.000000005", 8, "0.00000000"},
             Case{"0.000000015", 8, "0.00000002"},
             Case{"1", 9, "1.000000000"},
             Case{"9223372036854775807", 1, "out_of_range"},
             Case{"9223372036.854775807", 0, "9223372037"},
         }) {
        EXPECT_EQ(outcome(decimal(number).rescale(scale)), expected) << number;
    }
}

TEST(Decimal, AddsAndSubtractsExactly) {
    EXPECT_EQ(outcome(decimal("0.1").add(decimal("0.2"))), "0.3");
    EXPECT_EQ(outcome(decimal("0.1").add(decimal("0.20"))), "0.30");
    EXPECT_EQ(outcome(decimal("5").subtract(decimal("5.000000001"))), "-0.000000001");
    EXPECT_EQ(outcome(decimal("9223372036854775807").add(1)), "out_of_range");
    EXPECT_EQ(outcome(decimal("9223372036854775807").add(-1)), "9223372036854775806");
    EXPECT_EQ(outcome(decimal("-9223372036854775808").subtract(1)), "out_of_range");
    EXPECT_EQ(outcome(decimal("-9223372036854775808").subtract(decimal("-9223372036854775808"))), "0");
    EXPECT_EQ(outcome(decimal("9223372036854775807").add(decimal("0.5"))), "out_of_range");
}

TEST(Decimal, MultipliesAndDividesWithOneRounding) {
    EXPECT_EQ(outcome(decimal("1.5").multiply(decimal("1.5"), 2)), "2.25");
    EXPECT_EQ(outcome(decimal("1.5").multiply(decimal("1.5"), 1)), "2.2");
    EXPECT_EQ(outcome(decimal("-1.5").multiply(decimal("1.5"), 1)), "-2.2");
    EXPECT_EQ(outcome(decimal("1.5").multiply(decimal("1.5"), 9)), "2.250000000");
    EXPECT_EQ(outcome(decimal("9223372036854775807").multiply(decimal("9223372036854775807"), 0)), "out_of_range");
    EXPECT_EQ(outcome(decimal("-9223372036854775808").multiply(decimal("-9223372036854775808"), 9)), "out_of_range");
    EXPECT_EQ(outcome(decimal("9223372036.854775807").multiply(decimal("0.000000001"), 9)), "9.223372037");
    EXPECT_EQ(outcome(decimal("-9223372036854775808").multiply(1, 0)), "-9223372036854775808");
    EXPECT_EQ(outcome(decimal("1").divide(3, 9)), "0.333333333");
    EXPECT_EQ(outcome(decimal("2").divide(3, 9)), "0.666666667");
    EXPECT_EQ(outcome(decimal("-2").divide(3, 2)), "-0.67");
    EXPECT_EQ(outcome(decimal("1").divide(8, 2)), "0.12");
    EXPECT_EQ(outcome(decimal("3").divide(-8, 2)), "-0.38");
    EXPECT_EQ(outcome(decimal("-9223372036854775808").divide(-1, 0)), "out_of_range");
    EXPECT_EQ(outcome(decimal("-9223372036854775808").divide(decimal("-9223372036854775808"), 9)), "1.000000000");
    EXPECT_EQ(outcome(decimal("9223372036854775807").divide(decimal("0.000000001"), 9)), "out_of_range");
    EXPECT_EQ(outcome(decimal("0.000000001").divide(decimal("9223372036854775807"), 0)), "0");
    EXPECT_EQ(outcome(decimal("1.000000000").divide(decimal("4"), 1)), "0.2");
    EXPECT_EQ(outcome(decimal("1").divide(0, 2)), "invalid_argument");
    EXPECT_EQ(outcome(decimal("1").divide(decimal("0.00"), 2)), "invalid_argument");
}

TEST(Decimal, ComparesByValue) {
    EXPECT_EQ(decimal("1.0"), Decimal(1));
    EXPECT_EQ(decimal("-0.0"), Decimal());
    EXPECT_LT(decimal("0.999999999"), Decimal(1));
    EXPECT_LT(decimal("-9223372036854775808"), decimal("-0.000000001"));
    EXPECT_GT(decimal("9223372036854775807"), decimal("9223372036.854775807"));
    EXPECT_NE(decimal("1.01"), Decimal(1));
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include "net/http_date.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo::net {
namespace {

using namespace std::chrono_literals;

Timestamp at(char const* text) {
    return parse_timestamp(text).value();
}

TEST(HttpDate, ReadsTheThreeForms) {
    auto const now = at("2026-01-01T00:00:00Z");
    // The examples of RFC 9110 section 5.6.7.
    for (auto const* const text :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
        EXPECT_EQ(parse_http_date(text, now), at("1994-11-06T08:49:37Z")) << text;
    }
    EXPECT_EQ(parse_http_date("Sat Nov 26 08:49:37 1994", now), at("1994-11-26T08:49:37Z"));
    EXPECT_EQ(parse_http_date("Wednesday, 01-Jan-76 00:00:00 GMT", now), at("2076-01-01T00:00:00Z"));
    EXPECT_EQ(parse_http_date("Friday, 01-Jan-77 00:00:00 GMT", now), at("1977-01-01T00:00:00Z"));
    EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", now), at("2017-01-01T00:00:00Z"));
    EXPECT_FALSE(parse_http_date("Fri, 31 Dec 9999 23:59:60 GMT", now));
    EXPECT_FALSE(parse_http_date("Sat, 01 Jan 0000 00:00:00 GMT", now));
}

TEST(HttpDate, RefusesEverythingElse) {
    for (auto const* const text :
         {"", "Sun", "Sun, ", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37",
          "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 31 Feb 1994 08:49:37 GMT",
          "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
          "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
          "Sun, 06-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Xyz, 06 Nov 1994 08:49:37 GMT",
          "1994-11-06T08:49:37Z"}) {
        EXPECT_FALSE(parse_http_date(text, Timestamp{})) << text;
    }
}

TEST(HttpDate, TellsHowLongToWait) {
    auto const now = at("1994-11-06T08:49:30.5Z");
    EXPECT_EQ(parse_retry_after("0", now), 0ms);
    EXPECT_EQ(parse_retry_after("120", now), 120s);
    EXPECT_GT(parse_retry_after(std::string(400, '9'), now), 24h);
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), 6'500ms);
    EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:07 GMT", now), 0ms) << "already over";
    for (auto const* const text : {"", "-1", "+1", "1.5", "1 ", "soon"})
        EXPECT_FALSE(parse_retry_after(text, now)) << text;
}

}  // namespace
}  // namespace nexpo::net

// SPDX-License-Identifier: Apache-2.0
#include "crypto/claims.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

namespace nexpo::crypto {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kNow = 1'800'000'000;
Timestamp const kTime{seconds(kNow)};

ClaimRules rules() {
    return {.issuer = "https://id.example", .audience = "api"};
}

Json good() {
    return Json::Object{{"iss", "https://id.example"}, {"aud", "api"},      {"sub", "usr_1"},
                        {"exp", Json(kNow + 60)},      {"iat", Json(kNow)}, {"nbf", Json(kNow)}};
}

Json with(std::string_view name, Json value) {
    auto claims = good();
    claims.set(name, std::move(value));
    return claims;
}

Json without(std::string_view name) {
    Json::Object claims;
    auto const all = good();
    for (auto const& [key, value] : *all.if_object()) {
        if (key != name) claims.emplace_back(key, value);
    }
    return claims;
}

TokenFault fault(Json const& claims, ClaimRules const& with_rules = rules(), Timestamp now = kTime) {
    auto detail = TokenFault::none;
    auto const checked = check_claims(claims, with_rules, now, &detail);
    EXPECT_EQ(checked.has_value(), detail == TokenFault::none);
    if (!checked) {
        EXPECT_EQ(checked.error().code, Errc::unauthenticated);
        EXPECT_EQ(checked.error().reason, detail == TokenFault::expired ? "token_expired" : "token_invalid");
    }
    return detail;
}

TEST(Claims, AcceptsGoodOnes) {
    EXPECT_EQ(fault(good()), TokenFault::none);
    EXPECT_EQ(fault(without("iat")), TokenFault::none);
    EXPECT_EQ(fault(without("nbf")), TokenFault::none);
    EXPECT_EQ(fault(with("aud", Json::Array{"web", "api"})), TokenFault::none);
    EXPECT_TRUE(check_claims(good(), rules(), kTime)) << "the detail is optional";
}

TEST(Claims, HoldsTheTimesToTheSecond) {
    struct Case {
        std::string_view name;
        Json value;
        TokenFault fault;
    };
    Case const cases[] = {
        {"exp", Json(kNow - 29), TokenFault::none},
        {"exp", Json(kNow - 30), TokenFault::expired},
        {"exp", Json(static_cast<double>(kNow) - 29.5), TokenFault::none},
        {"exp", Json(static_cast<double>(kNow) - 30.5), TokenFault::expired},
        {"exp", Json(0), TokenFault::expired},
        {"exp", Json(-1), TokenFault::expired},
        {"nbf", Json(kNow + 30), TokenFault::none},
        {"nbf", Json(kNow + 31), TokenFault::time},
        {"nbf", Json(static_cast<double>(kNow) + 30.5), TokenFault::time},
        {"iat", Json(kNow + 30), TokenFault::none},
        {"iat", Json(kNow + 31), TokenFault::time},
        {"iat", Json(kNow - 1'000'000), TokenFault::none},
    };
    for (auto const& test : cases) {
        EXPECT_EQ(fault(with(test.name, test.value)), test.fault) << test.name << " " << test.value.dump();
    }
}

TEST(Claims, TakesOnlyNumbersWithinRangeForTimes) {
    auto const bad = {Json(),
                      Json(true),
                      Json(std::to_string(kNow + 60)),
                      Json("2027-01-15T08:00:00Z"),
                      Json(Json::Array{Json(kNow + 60)}),
                      Json(Json::Object{}),
                      Json(std::numeric_limits<std::int64_t>::max()),
                      Json(std::numeric_limits<std::int64_t>::min()),
                      Json(253402300800),
                      Json(1e300),
                      Json(-1e300),
                      Json(std::numeric_limits<double>::infinity()),
                      Json(std::numeric_limits<double>::quiet_NaN())};
    for (std::string_view const name : {"exp", "nbf", "iat"}) {
        for (auto const& value : bad) EXPECT_EQ(fault(with(name, value)), TokenFault::time) << name;
    }
    EXPECT_EQ(fault(without("exp")), TokenFault::time);
    EXPECT_EQ(fault(with("exp", Json(253402300799))), TokenFault::none) << "the last second of year 9999";
    EXPECT_EQ(fault(with("exp", Json(253402300799)), rules(), max_timestamp()), TokenFault::none);
}

TEST(Claims, HoldsTheLeewayToAMinute) {
    auto generous = rules();
    generous.leeway = std::chrono::hours(24);
    EXPECT_EQ(fault(with("exp", Json(kNow - 59)), generous), TokenFault::none);
    EXPECT_EQ(fault(with("exp", Json(kNow - 60)), generous), TokenFault::expired);
    auto negative = rules();
    negative.leeway = seconds(-600);
    EXPECT_EQ(fault(with("exp", Json(kNow + 1)), negative), TokenFault::none);
    auto strict = rules();
    strict.leeway = seconds(0);
    EXPECT_EQ(fault(with("exp", Json(kNow)), strict), TokenFault::expired);
}

TEST(Claims, ComparesTheIssuerExactly) {
    for (auto const& value : {Json("https://id.example/"), Json("https://ID.example"), Json("https://id.exampl"),
                              Json(""), Json(), Json(1), Json(Json::Array{"https://id.example"})}) {
        EXPECT_EQ(fault(with("iss", value)), TokenFault::issuer) << value.dump();
    }
    EXPECT_EQ(fault(without("iss")), TokenFault::issuer);
}

TEST(Claims, LooksForTheAudience) {
    for (auto const& value : {Json("API"), Json("api "), Json("web"), Json(""), Json(), Json(1), Json(Json::Array{}),
                              Json(Json::Array{"web"}), Json(Json::Array{"api", 1}),
                              Json(Json::Array{Json(Json::Array{"api"})}), Json(Json::Object{{"api", "api"}})}) {
        EXPECT_EQ(fault(with("aud", value)), TokenFault::audience) << value.dump();
    }
    EXPECT_EQ(fault(without("aud")), TokenFault::audience);
}

TEST(Claims, NeedsASubject) {
    for (auto const& value : {Json(""), Json(), Json(1), Json(Json::Array{"usr_1"})}) {
        EXPECT_EQ(fault(with("sub", value)), TokenFault::subject) << value.dump();
    }
    EXPECT_EQ(fault(without("sub")), TokenFault::subject);
}

TEST(Claims, AcceptsNothingUnderEmptyRules) {
    auto claims = good();
    claims.set("iss", "").set("aud", "");
    EXPECT_EQ(fault(claims, {}), TokenFault::issuer);
    EXPECT_EQ(fault(claims, {.issuer = "", .audience = "api"}), TokenFault::issuer);
    EXPECT_EQ(fault(with("aud", ""), {.issuer = "https://id.example", .audience = ""}), TokenFault::audience);
}

TEST(Claims, TellsOfExpiryOnlyWhenAllElseIsRight) {
    auto claims = with("exp", Json(kNow - 600));
    EXPECT_EQ(fault(claims), TokenFault::expired);
    claims.set("iss", "https://other.example");
    EXPECT_EQ(fault(claims), TokenFault::issuer);
}

TEST(Claims, RefusesWhatIsNoObject) {
    for (auto const& value : {Json(), Json(1), Json("text"), Json(Json::Array{})}) {
        EXPECT_EQ(fault(value), TokenFault::time);
    }
}

TEST(TokenFault, HasAName) {
    for (int i = 0; i <= static_cast<int>(TokenFault::expired); ++i) {
        EXPECT_NE(to_string(static_cast<TokenFault>(i)), "unknown");
    }
}

}  // namespace
}  // namespace nexpo::crypto

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "unit/describe/sample.hpp"

namespace nexpo {
namespace {

using namespace describe_sample;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Limited {
    int whole = 5;
    double number = 5;
    Decimal decimal = 5;
    std::string text = "12345";
    std::optional<std::string> maybe{};
    std::vector<int> list{1, 2};
    std::map<std::string, int> map{{"a", 1}, {"b", 2}};
    Patch<int> patch{};
};

StructType describe(Type<Limited>) {
    using L = Limited;
    return structure<L>("Limited", field("whole", &L::whole).min(2).max(9), field("number", &L::number).min(2).max(9),
                        field("decimal", &L::decimal).min(2).max(9), field("text", &L::text).min(2).max(9),
                        field("maybe", &L::maybe).min(2).max(9), field("list", &L::list).min(2).max(3),
                        field("map", &L::map).min(2).max(3), field("patch", &L::patch).min(2).max(9));
}

TEST(StructRules, LimitsHoldAtBothEnds) {
    auto const decimal = [](char const* text) { return Decimal::parse(text).value(); };
    EXPECT_THAT(violations(validate(Limited{})), IsEmpty());
    EXPECT_THAT(violations(validate(Limited{.whole = 2,
                                            .number = 2,
                                            .decimal = decimal("2.000"),
                                            .text = "ab",
                                            .maybe = "ab",
                                            .list = {1, 2},
                                            .patch = {2}})),
                IsEmpty());
    EXPECT_THAT(violations(validate(Limited{.whole = 9,
                                            .number = 9,
                                            .decimal = decimal("9.0"),
                                            .text = "123456789",
                                            .maybe = "123456789",
                                            .list = {1, 2, 3},
                                            .patch = {9}})),
                IsEmpty());
    EXPECT_THAT(violations(validate(Limited{.whole = 1,
                                            .number = 1.999,
                                            .decimal = decimal("1.999999999"),
                                            .text = "a",
                                            .maybe = "a",
                                            .list = {1},
                                            .map = {},
                                            .patch = {1}})),
                ElementsAre("/whole min", "/number min", "/decimal min", "/text min", "/maybe min", "/list min",
                            "/map min", "/patch min"));
    EXPECT_THAT(violations(validate(Limited{.whole = 10,
                                            .number = 9.001,
                                            .decimal = decimal("9.000000001"),
                                            .text = "1234567890",
                                            .maybe = "1234567890",
                                            .list = {1, 2, 3, 4},
                                            .map = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}},
                                            .patch = {10}})),
                ElementsAre("/whole max", "/number max", "/decimal max", "/text max", "/maybe max", "/list max",
                            "/map max", "/patch max"));
}

TEST(StructRules, TextIsMeasuredInCodePoints) {
    EXPECT_THAT(violations(validate(Limited{.text = "ääääääääß"})), IsEmpty());
    EXPECT_THAT(violations(validate(Limited{.text = "𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞"})), IsEmpty());
    EXPECT_THAT(violations(validate(Limited{.text = "𝄞"})), ElementsAre("/text min"));
}

TEST(StructRules, AnEmptyTextThatIsNotRequiredPasses) {
    EXPECT_THAT(violations(validate(Limited{.text = ""})), IsEmpty());
}

TEST(StructRules, MessagesNameTheLimit) {
    auto const broken = validate(Limited{.whole = 1, .text = "1234567890", .list = {1}});
    ASSERT_FALSE(broken);
    ASSERT_THAT(broken.error().violations, SizeIs(3));
    EXPECT_EQ(broken.error().violations[0].message, "must be at least 2");
    EXPECT_EQ(broken.error().violations[1].message, "must be at most 9 characters");
    EXPECT_EQ(broken.error().violations[2].message, "must be at least 2 elements");
}

struct Needed {
    std::string text{};
    Secret secret{};
    std::optional<int> maybe{};
    std::optional<std::string> maybe_text{};
    std::vector<int> list{};
    std::map<std::string, int> map{};
    int whole = 0;
    bool flag = false;
    Patch<std::string> patch{};
};

StructType describe(Type<Needed>) {
    using N = Needed;
    return structure<N>("Needed", field("text", &N::text).required(), field("secret", &N::secret).required(),
                        field("maybe", &N::maybe).required(), field("maybe_text", &N::maybe_text).required(),
                        field("list", &N::list).required(), field("map", &N::map).required(),
                        field("whole", &N::whole).required(), field("flag", &N::flag).required(),
                        field("patch", &N::patch).required());
}

TEST(StructRules, RequiredMeansThatSomethingIsGiven) {
    EXPECT_THAT(violations(validate(Needed{})), ElementsAre("/text required", "/secret required", "/maybe required",
                                                            "/maybe_text required", "/list required", "/map required"))
        << "numbers and booleans always have a value in C++, and a patch may be absent";
    EXPECT_THAT(violations(validate(Needed{.text = "a",
                                           .secret = "b",
                                           .maybe = 0,
                                           .maybe_text = "",
                                           .list = {0},
                                           .map = {{"", 0}},
                                           .patch = {nullptr}})),
                ElementsAre("/maybe_text required", "/patch required"));
    EXPECT_THAT(
        violations(validate(Needed{
            .text = "a", .secret = "b", .maybe = 0, .maybe_text = "c", .list = {0}, .map = {{"", 0}}, .patch = {""}})),
        ElementsAre("/patch required"));
}

TEST(StructRules, OnTheWireRequiredFieldsMustBeNamed) {
    EXPECT_THAT(faults<Needed>(R"({"text":"a","secret":"b","maybe":1,"maybe_text":"c","list":[1],"map":{"a":1}})"),
                ElementsAre("/whole required", "/flag required"));
    EXPECT_THAT(faults<Needed>(R"({"text":"a","secret":"b","maybe":1,"maybe_text":"c","list":[1],"map":{"a":1},
                                   "whole":0,"flag":false,"patch":null})"),
                ElementsAre("/patch required"));
}

TEST(StructRules, NumbersAreFinite) {
    for (double const number : {std::nan(""), -std::nan(""), std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity()}) {
        EXPECT_THAT(violations(validate(Limited{.number = number})), ElementsAre("/number finite")) << number;
    }
}

TEST(StructRules, TypedValuesKeepTheRangeOfJsonIntegers) {
    Everything value{.contact = "x"};
    value.whole = 9'007'199'254'740'991;
    EXPECT_THAT(violations(validate(value)), IsEmpty());
    value.whole = 9'007'199'254'740'992;
    EXPECT_THAT(violations(validate(value)), ElementsAre("/whole range"));
    value.whole = std::numeric_limits<std::int64_t>::min();
    EXPECT_THAT(violations(validate(value)), ElementsAre("/whole range"));
}

TEST(StructRules, TextIsUtf8WithoutZeroCharacters) {
    Everything value{.text = "\xc3", .secret = Secret(std::string("a\0b", 3)), .contact = "\xed\xa0\x80"};
    value.maybe = std::string(1, '\0');
    value.words = {{"ok", {"\xf8"}}, {"\xff", {}}, {std::string(1, '\0'), {}}};
    EXPECT_THAT(violations(validate(value)), ElementsAre("/text utf8", "/secret nul", "/maybe nul", "/words nul",
                                                         "/words/ok/0 utf8", "/words utf8", "/contact/te~1xt~0 utf8"));
}

TEST(StructRules, BuiltJsonHoldsOnlyWhatJsonCan) {
    Everything value{.contact = "x"};
    value.json = Json(Json::Object{{"a/b", Json(Json::Array{std::nan(""), "\xff", "fine"})},
                                   {std::string("\0", 1), 1},
                                   {"\xff", 1},
                                   {"c", std::string("\0", 1)}});
    EXPECT_THAT(violations(validate(value)),
                ElementsAre("/json/a~1b/0 finite", "/json/a~1b/1 utf8", "/json nul", "/json utf8", "/json/c nul"));
}

TEST(StructRules, TimesLieInTheYearsOfRfc3339) {
    Everything value{.contact = "x"};
    value.time = max_timestamp() + std::chrono::microseconds(1);
    EXPECT_THAT(violations(validate(value)), ElementsAre("/time range"));
    value.time = min_timestamp() - std::chrono::microseconds(1);
    EXPECT_THAT(violations(validate(value)), ElementsAre("/time range"));
    value.time = min_timestamp();
    EXPECT_THAT(violations(validate(value)), IsEmpty());
}

TEST(StructRules, EnumeratorsHaveWords) {
    for (auto const number : {-1, 3, 255}) {
        EXPECT_THAT(violations(validate(Everything{.colour = static_cast<Colour>(number), .contact = "x"})),
                    ElementsAre("/colour enum"));
    }
    EXPECT_EQ(to_word(Colour::green), "green");
    EXPECT_EQ(to_word(static_cast<Colour>(3)), "");
}

TEST(StructRules, HoldInEverythingInside) {
    Everything value{.point = {101, 0}, .contact = ByEmail{"x"}};
    value.maybe_point = Point{-101, 0};
    value.points = {{0, 0}, {101, 0}};
    value.contacts = {"", ByEmail{""}};
    value.patch_point = {Point{102, 0}};
    EXPECT_THAT(violations(validate(value)),
                ElementsAre("/point/x max", "/maybe_point/x min", "/points/1/x max", "/contact/email/address format",
                            "/contacts/1/email/address required", "/patch_point/x max"));
}

struct Listed {
    std::vector<std::string> addresses{};
    std::map<std::string, std::string> slugs{};
    std::vector<std::string> ids{};
    std::string id{};
};

StructType describe(Type<Listed>) {
    using L = Listed;
    return structure<L>("Listed", field("addresses", &L::addresses).required().max(2).format(Format::email),
                        field("slugs", &L::slugs).format(Format::slug), field("ids", &L::ids).id("usr"),
                        field("id", &L::id).id("usr"));
}

TEST(StructRules, ElementsKeepTheFormButNotTheLimitsOfTheirList) {
    EXPECT_THAT(violations(validate(Listed{.addresses = {"longer@example.com"}})), IsEmpty());
    EXPECT_THAT(violations(validate(Listed{.addresses = {"a@b", "", "c"}, .slugs = {{"k/", "A"}, {"l", "a"}}})),
                ElementsAre("/addresses max", "/addresses/2 format", "/slugs/k~1 format"));
}

TEST(StructRules, IdsHaveTheirPrefix) {
    std::string const user = "usr_01j8x4mq3he5nr7w0c2k9v6t1b";
    std::string const other = "org_01j8x4mq3he5nr7w0c2k9v6t1b";
    EXPECT_THAT(violations(validate(Listed{.addresses = {"a@b"}, .ids = {user}, .id = user})), IsEmpty());
    EXPECT_THAT(violations(validate(Listed{.addresses = {"a@b"}, .ids = {user, other, "usr_"}, .id = other})),
                ElementsAre("/ids/1 id", "/ids/2 id", "/id id"));
    EXPECT_THAT(violations(validate(Listed{.addresses = {"a@b"}, .id = user + "0"})), ElementsAre("/id id"));
}

TEST(StructRules, ALongBrokenListGetsAnAnswerOfBoundedSize) {
    Listed value{.addresses = {"a@b"}};
    value.ids.assign(100'000, "usr_");
    auto const broken = validate(value);
    ASSERT_FALSE(broken);
    EXPECT_THAT(broken.error().violations, SizeIs(1'000));
}

}  // namespace
}  // namespace nexpo

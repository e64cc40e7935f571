// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "describe/codec.hpp"
#include "unit/describe/sample.hpp"

namespace nexpo {
namespace {

using namespace describe_sample;
using ::testing::HasSubstr;

Everything filled() {
    using namespace std::chrono_literals;
    return {.boolean = true,
            .tiny = -128,
            .unsigned_whole = 4'294'967'295,
            .whole = -9'007'199'254'740'991,
            .number = 0.1,
            .decimal = Decimal::parse("-12.50").value(),
            .text = "Grüße \"\\\n\x01\x7f 𝄞",
            .secret = Secret("hunter2"),
            .bytes = {0, 255, 16},
            .time = Timestamp(1'767'225'600'000'001us),
            .json = Json(Json::Object{{"b", 1}, {"a", Json(Json::Array{nullptr, true, 1.5, "x"})}}),
            .colour = Colour::blue,
            .point = {1, 2},
            .maybe = "",
            .maybe_point = Point{3, 4},
            .points = {{5, 6}, {7, 8}},
            .gaps = {1, std::nullopt, 3},
            .words = {{"", {}}, {"a/b", {"c", "d"}}},
            .contact = std::vector<int>{1, 2},
            .contacts = {ByEmail{"a@example.com"}, "hello", std::vector<int>{}},
            .patch = {"new"},
            .patch_point = {nullptr}};
}

TEST(DescribedJson, WritesMembersInTheOrderOfTheDescription) {
    EXPECT_EQ(to_json(filled()),
              R"({"boolean":true,"tiny":-128,"unsigned_whole":4294967295,"whole":-9007199254740991,"number":0.1,)"
              R"("decimal":"-12.50","text":"Grüße \"\\\n\u0001)"
              "\x7f"
              R"( 𝄞","secret":"hunter2","bytes":"AP8Q","time":"2026-01-01T00:00:00.000001Z",)"
              R"("json":{"b":1,"a":[null,true,1.5,"x"]},"colour":"blue","point":{"x":1,"y":2},"maybe":"",)"
              R"("maybe_point":{"x":3,"y":4},"points":[{"x":5,"y":6},{"x":7,"y":8}],"gaps":[1,null,3],)"
              R"("words":{"":[],"a/b":["c","d"]},"contact":{"numbers":[1,2]},)"
              R"("contacts":[{"email":{"address":"a@example.com"}},{"te/xt~":"hello"},{"numbers":[]}],)"
              R"("patch":"new","patch_point":null})");
}

TEST(DescribedJson, ReadsBackWhatItWrote) {
    auto const read = from_json<Everything>(to_json(filled()));
    ASSERT_TRUE(read) << ::testing::PrintToString(violations(read));
    EXPECT_EQ(*read, filled());
}

TEST(DescribedJson, LeavesAbsentPatchesOutAndWritesAbsentOptionalsAsNull) {
    auto const text = to_json(Everything{});
    EXPECT_THAT(text, HasSubstr(R"("maybe":null,"maybe_point":null)"));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("patch")));
}

TEST(DescribedJson, ReadsMembersInAnyOrderAndKeepsDefaultsOfThoseThatAreAbsent) {
    auto const read =
        from_json<Everything>(R"( {"text":"x", "contact":{"te/xt~":"y"}, "point":{"y":5,"x":1},"tiny":7} )");
    ASSERT_TRUE(read) << ::testing::PrintToString(violations(read));
    Everything expected{.tiny = 7, .text = "x", .point = {1, 5}, .contact = "y"};
    EXPECT_EQ(*read, expected);
}

TEST(DescribedJson, ReplacesListsMapsAndOptionalsThatHadValues) {
    auto value = filled();
    auto const read =
        from_json(struct_type<Everything>(), &value,
                  std::string_view(R"({"points":[{"x":9}],"words":{"z":[]},"maybe":null,"gaps":[],"patch":null,
                                                 "contact":{"numbers":[]}})"));
    ASSERT_TRUE(read) << ::testing::PrintToString(violations(read));
    EXPECT_EQ(value.points, (std::vector<Point>{{9, 0}}));
    EXPECT_EQ(value.words, (std::map<std::string, std::vector<std::string>>{{"z", {}}}));
    EXPECT_FALSE(value.maybe);
    EXPECT_TRUE(value.gaps.empty());
    EXPECT_TRUE(value.patch.is_null());
    EXPECT_EQ(value.tiny, -128) << "what is not given stays";
}

TEST(DescribedJson, DoublesReadBackAsTheSameNumber) {
    for (double const number : {0.0, 0.1, 1e-300, 1.7976931348623157e308, 5e-324, 1e15, 123456789.123456789}) {
        auto const read = from_json<Everything>(to_json(Everything{.number = number, .contact = "x"}));
        ASSERT_TRUE(read) << number;
        EXPECT_EQ(read->number, number);
    }
}

TEST(DescribedJson, InvalidTextNeverMakesInvalidJson) {
    auto const text = to_json(Everything{.text = "a\xff"});
    EXPECT_THAT(text, HasSubstr("\"text\":\"a\xEF\xBF\xBD\""));
    EXPECT_TRUE(Json::parse(text));
    EXPECT_TRUE(Json::parse(to_json(Everything{.number = std::nan("")})));
    EXPECT_TRUE(Json::parse(to_json(Everything{.colour = static_cast<Colour>(17)})));
}

struct Tree {
    std::string name{};
    std::vector<Tree> children{};

    bool operator==(Tree const&) const = default;
};

StructType describe(Type<Tree>) {
    return structure<Tree>("Tree", field("name", &Tree::name).required(), field("children", &Tree::children));
}

TEST(DescribedJson, StructsMayHoldThemselves) {
    Tree const tree{"root", {{"left", {{"leaf", {}}}}, {"right", {}}}};
    EXPECT_EQ(from_json<Tree>(to_json(tree)).value(), tree);
    EXPECT_EQ(faults<Tree>(R"({"name":"a","children":[{"name":"b","children":[{"name":""}]}]})"),
              std::vector<std::string>{"/children/0/children/0/name required"});
}

struct Numbered {
    std::int64_t number = 0;
    std::string id{};
};

StructType describe(Type<Numbered>) {
    return structure<Numbered>("Numbered", field("number", &Numbered::number),
                               field("id", &Numbered::id).required().read_only());
}

// An answer that was committed must come back from its record as it was, whatever a caller may send.
TEST(DescribedJson, StoredAnswersComeBackExactly) {
    for (auto const number : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-9'007'199'254'740'992},
                              std::int64_t{9'007'199'254'740'993}, std::numeric_limits<std::int64_t>::max()}) {
        auto const text = to_json(Numbered{number, "x"});
        EXPECT_EQ(text, R"({"number":)" + std::to_string(number) + R"(,"id":"x"})");
        Numbered read;
        ASSERT_TRUE(describe::read_stored(struct_type<Numbered>(), &read, text)) << number;
        EXPECT_EQ(read.number, number);
        EXPECT_EQ(read.id, "x");
    }
}

TEST(DescribedJson, StoredAnswersThatCannotBeReadAreDataLoss) {
    for (std::string const text : {"", "{", "[]", R"({"number":1})", R"({"id":"x","other":1})", R"({"id":1})",
                                   R"({"id":"x","number":9223372036854775808})"}) {
        Numbered read;
        auto const result = describe::read_stored(struct_type<Numbered>(), &read, text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, Errc::data_loss) << text;
    }
}

}  // namespace
}  // namespace nexpo

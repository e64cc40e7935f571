// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/describe/sample.hpp"

namespace nexpo {
namespace {

using namespace describe_sample;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(ReadJson, ReportsEveryWrongFieldAtOnceByPointer) {
    auto const read = from_json<Everything>(R"({
        "boolean": 1, "tiny": 128, "unsigned_whole": -1, "whole": "1", "number": "1", "decimal": 1, "text": null,
        "secret": [], "bytes": "a=", "time": "yesterday", "colour": "pink", "point": 1, "maybe": 1,
        "maybe_point": {"x": 101}, "points": [{"x": 1}, {"x": "a", "z/~": 1}, {}], "gaps": [null, "x"],
        "words": {"a/b~": ["ok", 1], "c": {}}, "contact": {"fax": 1}, "contacts": [{}, {"te/xt~": 1}, {"email": {}}],
        "patch": 1, "patch_point": {"y": true}, "extra": 1
    })");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::invalid_argument);
    EXPECT_EQ(read.error().reason, "validation_failed");
    EXPECT_THAT(violations(read),
                ElementsAre("/boolean type", "/tiny range", "/unsigned_whole range", "/whole type", "/number type",
                            "/decimal type", "/text type", "/secret type", "/bytes base64url", "/time timestamp",
                            "/colour enum", "/point type", "/maybe type", "/points/1/x type", "/points/1/z~1~0 unknown",
                            "/points/2/x required", "/gaps/1 type", "/words/a~1b~0/1 type", "/words/c type",
                            "/contact variant", "/contacts/0 variant", "/contacts/1/te~1xt~0 type",
                            "/contacts/2/email/address required", "/patch type", "/patch_point/y type",
                            "/patch_point/x required", "/extra unknown", "/maybe_point/x max"));
}

TEST(ReadJson, SaysNothingOfThePartsOfWhatItCouldNotRead) {
    EXPECT_THAT(faults<Everything>(R"({"points":[1],"contact":[],"contacts":[{"email":7}],"maybe_point":"x"})"),
                ElementsAre("/points/0 type", "/contact variant", "/contacts/0/email type", "/maybe_point type"));
}

TEST(ReadJson, MessagesNeverHoldTheRefusedValue) {
    auto const read = from_json<Everything>(
        R"({"text":["hunter2"],"colour":"hunter2","time":"hunter2","decimal":"hunter2","bytes":"hunter2!"})");
    ASSERT_FALSE(read);
    for (auto const& violation : read.error().violations) {
        EXPECT_THAT(violation.message, Not(HasSubstr("hunter2"))) << violation.field;
        EXPECT_THAT(violation.message, Not(IsEmpty())) << violation.field;
    }
    EXPECT_THAT(read.error().message, Not(HasSubstr("hunter2")));
}

TEST(ReadJson, TakesAnObjectOnly) {
    for (char const* text : {"1", "null", "[]", "\"x\"", "true"}) {
        EXPECT_THAT(faults<Point>(text), ElementsAre(" type")) << text;
    }
}

TEST(ReadJson, RefusesWhatIsNoJson) {
    for (std::string const& text :
         {std::string(), std::string("{"), std::string("{\"x\":1}x"), std::string("{'x':1}"), std::string("{\"x\":01}"),
          std::string("{\"x\":NaN}"), std::string("{\"x\":1e400}"), std::string("{\"x\":1,\"x\":1}"),
          std::string("{\"x\":\"\\u0000\"}"), std::string("{\"x\":\"\xff\"}"), std::string("{\"x\":\"\0\"}", 9),
          std::string(10'000, '['), R"({"json":)" + std::string(10'000, '[') + "1" + std::string(10'000, ']') + "}"}) {
        auto const read = from_json<Everything>(text);
        ASSERT_FALSE(read) << text.substr(0, 40);
        EXPECT_EQ(read.error().code, Errc::invalid_argument) << text.substr(0, 40);
        EXPECT_EQ(read.error().reason, "json_malformed") << text.substr(0, 40);
    }
}

struct Sizes {
    std::int8_t i8 = 0;
    std::uint8_t u8 = 0;
    std::int16_t i16 = 0;
    std::int32_t i32 = 0;
    std::uint32_t u32 = 0;
    std::int64_t i64 = 0;
};

StructType describe(Type<Sizes>) {
    return structure<Sizes>("Sizes", field("i8", &Sizes::i8), field("u8", &Sizes::u8), field("i16", &Sizes::i16),
                            field("i32", &Sizes::i32), field("u32", &Sizes::u32), field("i64", &Sizes::i64));
}

TEST(ReadJson, IntegersStayInTheRangeOfTheirTypeAndOfJson) {
    struct Case {
        char const* name;
        char const* good;
        char const* bad;
    };
    for (auto const& [name, good, bad] :
         {Case{"i8", "127", "128"}, Case{"i8", "-128", "-129"}, Case{"u8", "255", "256"}, Case{"u8", "0", "-1"},
          Case{"i16", "32767", "32768"}, Case{"i32", "2147483647", "2147483648"},
          Case{"i32", "-2147483648", "-2147483649"}, Case{"u32", "4294967295", "4294967296"},
          Case{"i64", "9007199254740991", "9007199254740992"}, Case{"i64", "-9007199254740991", "-9007199254740992"},
          Case{"i64", "9007199254740991.0", "9007199254740992.0"}, Case{"i64", "1e15", "1e16"},
          Case{"i64", "0", "9223372036854775807"}, Case{"i64", "-0", "-9223372036854775808"},
          Case{"i64", "0.0", "9223372036854775808"}, Case{"i64", "-0.0", "1e300"}}) {
        auto const text = [&](char const* number) { return std::string("{\"") + name + "\":" + number + "}"; };
        EXPECT_THAT(faults<Sizes>(text(good)), IsEmpty()) << text(good);
        EXPECT_THAT(faults<Sizes>(text(bad)), ElementsAre(std::string("/") + name + " range")) << text(bad);
    }
}

TEST(ReadJson, WholeNumbersMayBeWrittenWithPointOrExponent) {
    EXPECT_EQ(from_json<Sizes>(R"({"i32":1.0})").value().i32, 1);
    EXPECT_EQ(from_json<Sizes>(R"({"i32":1e3})").value().i32, 1000);
    EXPECT_EQ(from_json<Sizes>(R"({"i32":-2.50E+1})").value().i32, -25);
    for (char const* text :
         {R"({"i32":1.5})", R"({"i32":1e-3})", R"({"i32":"1"})", R"({"i32":true})", R"({"i32":null})"}) {
        EXPECT_THAT(faults<Sizes>(text), ElementsAre("/i32 type")) << text;
    }
}

TEST(ReadJson, NumbersMayBeWhole) {
    EXPECT_EQ(from_json<Everything>(R"({"number":3,"contact":{"te/xt~":""}})").value().number, 3.0);
}

TEST(ReadJson, VariantsAreObjectsWithOneKnownTag) {
    EXPECT_THAT(faults<Everything>(R"({"contact":{"numbers":[1,2]}})"), IsEmpty());
    EXPECT_THAT(faults<Everything>(R"({"contact":{"email":{"address":"x"}}})"),
                ElementsAre("/contact/email/address format"));
    EXPECT_THAT(faults<Everything>(R"({"contact":{"email":{},"numbers":[]}})"), ElementsAre("/contact variant"));
    EXPECT_THAT(faults<Everything>(R"({"contact":{}})"), ElementsAre("/contact variant"));
    EXPECT_THAT(faults<Everything>(R"({"contact":null})"), ElementsAre("/contact variant"));
    EXPECT_THAT(faults<Everything>(R"({"contact":{"numbers":["a",1]}})"), ElementsAre("/contact/numbers/0 type"));
    EXPECT_THAT(faults<Everything>(R"({"contact":{"Email":{}}})"), ElementsAre("/contact variant"));
}

struct Record {
    std::string id{};
    std::string name{};
    int version = 0;
};

StructType describe(Type<Record>) {
    return structure<Record>("Record", field("id", &Record::id).required().read_only(),
                             field("name", &Record::name).required(),
                             field("version", &Record::version).min(1).read_only());
}

TEST(ReadJson, ReadOnlyFieldsCannotBeSetNorAreTheyMissed) {
    EXPECT_THAT(faults<Record>(R"({"name":"a"})"), IsEmpty());
    EXPECT_THAT(faults<Record>(R"({"name":"a","id":"x","version":3})"),
                ElementsAre("/id read_only", "/version read_only"));
    EXPECT_THAT(faults<Record>(R"({"id":null})"), ElementsAre("/id read_only", "/name required"));
}

TEST(ReadJson, RequiredFieldsMustBeThere) {
    EXPECT_THAT(faults<Point>("{}"), ElementsAre("/x required"));
    EXPECT_THAT(faults<Point>(R"({"x":null})"), ElementsAre("/x type"));
    EXPECT_THAT(faults<Point>(R"({"x":0})"), IsEmpty()) << "a zero is a value";
}

// Values that a program builds are not parsed, so that their members may repeat.
TEST(ReadJson, RefusesRepeatedMembersOfBuiltValues) {
    Point point;
    auto const twice = from_json(struct_type<Point>(), &point, Json(Json::Object{{"x", 1}, {"x", 2}}));
    EXPECT_THAT(violations(twice), ElementsAre("/x duplicate"));
    EXPECT_EQ(point.x, 1);

    Everything everything{.contact = "x"};
    Json const words(Json::Object{{"words", Json(Json::Object{{"a", Json::Array{}}, {"a", Json::Array{}}})}});
    EXPECT_THAT(violations(from_json(struct_type<Everything>(), &everything, words)),
                ElementsAre("/words/a duplicate"));
}

TEST(ReadJson, AHostileInputGetsAnAnswerOfBoundedSize) {
    std::string text = R"({"points":[)";
    for (int i = 0; i < 100'000; ++i) text += "{},";
    text += R"({"x":1}]})";
    auto const read = from_json<Everything>(text);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().violations, SizeIs(1'000));
    EXPECT_THAT(violations(read), Each(HasSubstr("/x required")));
}

}  // namespace
}  // namespace nexpo

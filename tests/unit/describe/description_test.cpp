// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "nexpo/money.hpp"
#include "unit/describe/sample.hpp"

namespace nexpo {
namespace {

using namespace describe_sample;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Documented {
    std::string text{};
    std::variant<int, bool> choice{};
    void* context = nullptr;
    int last = 4;
};

StructType describe(Type<Documented>) {
    using D = Documented;
    return structure<D>("Documented",
                        field("text", &D::text)
                            .required()
                            .min(1)
                            .max(20)
                            .format(Format::slug)
                            .id("usr")
                            .doc("A sentence.")
                            .secret()
                            .read_only()
                            .deprecated(),
                        field("choice", &D::choice).tags({"number", "flag"}), hidden(&D::context),
                        field("last", &D::last));
}

TEST(Description, KeepsEveryRule) {
    auto const& text = *struct_type<Documented>().find("text");
    EXPECT_EQ(text.name(), "text");
    EXPECT_EQ(text.type().kind, Kind::text);
    EXPECT_TRUE(text.is_required());
    EXPECT_EQ(text.lower(), 1);
    EXPECT_EQ(text.upper(), 20);
    EXPECT_EQ(text.text_format(), Format::slug);
    EXPECT_EQ(text.id_prefix(), "usr");
    EXPECT_EQ(text.description(), "A sentence.");
    EXPECT_TRUE(text.is_secret());
    EXPECT_TRUE(text.is_read_only());
    EXPECT_TRUE(text.is_deprecated());

    auto const& last = *struct_type<Documented>().find("last");
    EXPECT_FALSE(last.is_required() || last.is_secret() || last.is_read_only() || last.is_deprecated());
    EXPECT_FALSE(last.lower() || last.upper());
    EXPECT_EQ(last.offset(), offsetof(Documented, last));
    EXPECT_THAT(struct_type<Documented>().find("choice")->tag_names(), ElementsAre("number", "flag"));
}

TEST(Description, HiddenMembersHaveNoWireForm) {
    EXPECT_EQ(struct_type<Documented>().fields().size(), 3U);
    EXPECT_EQ(struct_type<Documented>().find("context"), nullptr);
    EXPECT_EQ(to_json(Documented{}), R"({"text":"","choice":{"number":0},"last":4})");
}

TEST(Description, MakesStructsWithTheirInitialValues) {
    auto const& type = struct_type<Documented>();
    EXPECT_EQ(type.name(), "Documented");
    EXPECT_EQ(static_cast<Documented const*>(type.make().get())->last, 4);
    EXPECT_EQ(static_cast<Documented const*>(type.defaults())->last, 4);
}

TEST(Description, KnowsTheKindOfEveryMember) {
    std::vector<Kind> kinds;
    for (auto const& field : struct_type<Everything>().fields()) kinds.push_back(field.type().kind);
    EXPECT_THAT(kinds, ElementsAre(Kind::boolean, Kind::integer, Kind::integer, Kind::integer, Kind::number,
                                   Kind::decimal, Kind::text, Kind::text, Kind::bytes, Kind::timestamp, Kind::json,
                                   Kind::enumeration, Kind::object, Kind::optional, Kind::optional, Kind::list,
                                   Kind::list, Kind::map, Kind::variant, Kind::list, Kind::patch, Kind::patch));
}

TEST(Description, IsOneObjectPerType) {
    EXPECT_EQ(&struct_type<Point>(), &struct_type<Point>());
    EXPECT_EQ(&value_type<std::vector<Point>>(), &value_type<std::vector<Point>>());
    EXPECT_EQ(&value_type<std::vector<Point>>().element->structure(), &struct_type<Point>());
}

struct Raced {
    int value = 0;
    std::vector<Point> points{};
};

StructType describe(Type<Raced>) {
    return structure<Raced>("Raced", field("value", &Raced::value), field("points", &Raced::points));
}

TEST(DescriptionConcurrency, ThreadsMeetTheSameDescription) {
    std::vector<std::thread> threads;
    std::vector<StructType const*> seen(8);
    for (auto& one : seen) {
        threads.emplace_back([&one] {
            one = &struct_type<Raced>();
            EXPECT_EQ(to_json(from_json<Raced>(R"({"value":1,"points":[{"x":2}]})").value()),
                      R"({"value":1,"points":[{"x":2,"y":0}]})");
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_THAT(seen, ::testing::Each(&struct_type<Raced>()));
}

TEST(Page, IsNamedAfterItsItems) {
    EXPECT_EQ(struct_type<Page<Point>>().name(), "PointPage");
    EXPECT_EQ(to_json(Page<Point>{.items = {{1, 2}}}), R"({"items":[{"x":1,"y":2}],"next":null})");
    EXPECT_EQ(to_json(Page<Point>{.next = "c"}), R"({"items":[],"next":"c"})");
    EXPECT_THAT(faults<Page<Point>>(R"({"items":[{"x":101}]})"), ElementsAre("/items/0/x max"));
}

TEST(Empty, IsAnEmptyObject) {
    EXPECT_EQ(to_json(Empty{}), "{}");
    EXPECT_TRUE(from_json<Empty>("{}"));
    EXPECT_THAT(faults<Empty>(R"({"a":1})"), ElementsAre("/a unknown"));
}

TEST(Money, TravelsInMinorUnits) {
    Money const debt{-1050, "EUR"};
    EXPECT_EQ(to_json(debt), R"({"amount":-1050,"currency":"EUR"})");
    EXPECT_EQ(from_json<Money>(to_json(debt)).value(), debt);
    EXPECT_THAT(faults<Money>(R"({"amount":1,"currency":"eur"})"), ElementsAre("/currency format"));
    EXPECT_THAT(faults<Money>(R"({"amount":1.5})"), ElementsAre("/amount type", "/currency required"));
    EXPECT_THAT(faults<Money>(R"({"currency":"JPY"})"), ElementsAre("/amount required"));
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include "nexpo/dynamic_struct.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "describe/codec.hpp"
#include "unit/describe/sample.hpp"

namespace nexpo {

namespace {

using describe_sample::Point;

/// One member of every kind, with an initial value where there may be one.
StructType const& every_kind() {
    static StructType const& type = [&]() -> StructType const& {
        StructBuilder builder("Dynamic");
        auto const add = [&](std::string_view name, DynamicType member) { builder.add(builder.field(name, member)); };
        add("boolean", DynamicType::boolean());
        add("integer", DynamicType::integer());
        add("number", DynamicType::number());
        add("decimal", DynamicType::decimal());
        add("text", DynamicType::text());
        add("secret", DynamicType::secret());
        add("bytes", DynamicType::bytes());
        add("time", DynamicType::timestamp());
        add("json", DynamicType::json());
        add("colour", DynamicType::enumeration({"red", "green"}));
        add("point", DynamicType::structure(struct_type<Point>()));
        add("maybe", DynamicType::optional(DynamicType::text()));
        add("change", DynamicType::patch(DynamicType::integer()));
        add("list", DynamicType::list(DynamicType::list(DynamicType::boolean())));
        add("map", DynamicType::map(DynamicType::optional(DynamicType::structure(struct_type<Point>()))));
        Json const inner(Json::Array{true});
        builder.initial("integer", 7).initial("colour", "green").initial("list", Json::Array(1, inner));
        return *builder.build().value();
    }();
    return type;
}

std::string read_and_write(StructType const& type, std::string_view json) {
    auto value = type.make();
    auto const read = from_json(type, value.get(), json);
    return read ? to_json(type, value.get()) : read.error().violations.at(0).field;
}

TEST(DynamicStruct, BeginsWithItsInitialValues) {
    auto const& type = every_kind();
    constexpr auto kInitial =
        R"({"boolean":false,"integer":7,"number":0,"decimal":"0","text":"","secret":"","bytes":"",)"
        R"("time":"1970-01-01T00:00:00Z","json":null,"colour":"green","point":{"x":0,"y":0},"maybe":null,)"
        R"("list":[[true]],"map":{}})";
    EXPECT_EQ(to_json(type, type.defaults()), kInitial);
    EXPECT_EQ(to_json(type, type.make().get()), kInitial);
}

TEST(DynamicStruct, WritesWhatItReads) {
    constexpr std::string_view kJson =
        R"({"boolean":true,"integer":-3,"number":1.5,"decimal":"2.50","text":"é","secret":"s","bytes":"AAH_",)"
        R"("time":"2026-03-01T12:00:00Z","json":{"a":[1]},"colour":"red","point":{"x":1,"y":2},"maybe":"m",)"
        R"("change":null,"list":[[],[true,false]],"map":{"a":null,"b":{"x":3,"y":4}}})";
    EXPECT_EQ(read_and_write(every_kind(), kJson), kJson);
}

TEST(DynamicStruct, SaysWhichMemberIsWrong) {
    for (auto const& [json, field] : std::vector<std::pair<std::string_view, std::string_view>>{
             {R"({"boolean":1})", "/boolean"},
             {R"({"integer":9007199254740992})", "/integer"},
             {R"({"decimal":"x"})", "/decimal"},
             {R"({"colour":"blue"})", "/colour"},
             {R"({"point":{"x":101}})", "/point/x"},
             {R"({"point":{"y":1}})", "/point/x"},
             {R"({"list":[[true],[1]]})", "/list/1/0"},
             {R"({"map":{"a":{"x":1},"b":{"x":"2"}}})", "/map/b/x"},
             {R"({"other":1})", "/other"}}) {
        EXPECT_EQ(read_and_write(every_kind(), json), field);
    }
}

TEST(DynamicStruct, KeepsItsRules) {
    StructBuilder builder("Ruled");
    builder.add(builder.field("email", DynamicType::text()).required().format(Format::email));
    builder.add(builder.field("stars", DynamicType::optional(DynamicType::integer())).min(1).max(5));
    auto const& type = *builder.build().value();
    EXPECT_EQ(read_and_write(type, R"({"email":"ada@example.com","stars":5})"),
              R"({"email":"ada@example.com","stars":5})");
    EXPECT_EQ(read_and_write(type, R"({"stars":5})"), "/email");
    EXPECT_EQ(read_and_write(type, R"({"email":"ada"})"), "/email");
    EXPECT_EQ(read_and_write(type, R"({"email":"ada@example.com","stars":6})"), "/stars");
    auto const value = type.make();
    EXPECT_FALSE(validate(type, value.get()).has_value()) << "the rules hold for structs as for JSON";
}

TEST(DynamicStruct, HoldsItself) {
    StructBuilder builder("Tree");
    builder.add(builder.field("name", DynamicType::text()));
    builder.add(builder.field("children", DynamicType::list(builder.type())));
    builder.add(builder.field("twin", DynamicType::optional(builder.type())));
    auto const& type = *builder.build().value();
    constexpr std::string_view kJson =
        R"({"name":"a","children":[{"name":"b","children":[],"twin":null}],"twin":{"name":"c","children":[],"twin":null}})";
    EXPECT_EQ(read_and_write(type, kJson), kJson);
    EXPECT_EQ(&type.find("children")->type().element->structure(), &type);
}

TEST(DynamicStruct, IsAMemberOfAnother) {
    StructBuilder outer("Outer");
    outer.add(outer.field("flag", DynamicType::boolean()));
    outer.add(outer.field("inner", DynamicType::structure(every_kind())));
    auto const& type = *outer.build().value();
    auto const value = type.make();
    constexpr std::string_view kJson = R"({"flag":true,"inner":{"text":"a long text that is kept on the heap"}})";
    ASSERT_TRUE(from_json(type, value.get(), kJson).has_value());
    EXPECT_THAT(to_json(type, value.get()), ::testing::HasSubstr("kept on the heap"));
    EXPECT_THAT(to_json(type, type.defaults()), ::testing::HasSubstr("\"integer\":7"));
}

TEST(DynamicStruct, IsRefusedWhenItsMembersDoNotFit) {
    StructBuilder twice("Twice");
    twice.add(twice.field("a", DynamicType::text())).add(twice.field("a", DynamicType::text()));
    StructBuilder endless("Endless");
    endless.add(endless.field("self", endless.type()));
    StructBuilder wrong("Wrong");
    wrong.add(wrong.field("a", DynamicType::integer())).initial("a", "text");
    StructBuilder unknown("Unknown");
    unknown.add(unknown.field("a", DynamicType::integer())).initial("b", 1);
    StructBuilder nameless("");
    for (auto* builder : {&twice, &endless, &wrong, &unknown, &nameless}) {
        auto const built = builder->build();
        ASSERT_FALSE(built);
        EXPECT_EQ(built.error().reason, "struct_invalid");
    }
    StructBuilder once("Once");
    EXPECT_TRUE(once.build().has_value());
    EXPECT_FALSE(once.build().has_value());
}

TEST(DynamicStruct, IsTheSameOnlyAsItself) {
    auto const make = [] {
        StructBuilder builder("Alike");
        builder.add(builder.field("a", DynamicType::list(DynamicType::integer())));
        return builder.build().value();
    };
    auto const* one = make();
    EXPECT_TRUE(describe::same_struct(*one, *one));
    EXPECT_FALSE(describe::same_struct(*one, *make()));
}

TEST(DynamicStruct, IsMadeByManyThreads) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([] {
            for (int round = 0; round < 50; ++round) {
                StructBuilder builder("Threaded");
                builder.add(builder.field("a", DynamicType::list(DynamicType::text())));
                auto const& type = *builder.build().value();
                EXPECT_EQ(read_and_write(type, R"({"a":["b"]})"), R"({"a":["b"]})");
                EXPECT_EQ(read_and_write(every_kind(), R"({"integer":"b"})"), "/integer");
            }
        });
    }
}

TEST(DynamicStruct, LeavesCppStructsAsTheyAre) {
    auto const& type = struct_type<Point>();
    EXPECT_EQ(type.memory().size, sizeof(Point));
    EXPECT_EQ(type.memory().context, nullptr);
    alignas(Point) std::byte raw[sizeof(Point)];
    type.memory().copy(raw, type.defaults(), nullptr);
    EXPECT_EQ(*reinterpret_cast<Point*>(raw), Point{});
    type.memory().destroy(raw, nullptr);
}

}  // namespace

}  // namespace nexpo

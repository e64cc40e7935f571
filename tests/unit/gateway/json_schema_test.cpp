// SPDX-License-Identifier: Apache-2.0
#include "gateway/json_schema.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/sample.hpp"

namespace nexpo::gateway {
namespace {

using sample::Change;
using sample::Note;
using sample::Search;

template <class T>
std::string schema_of(char const* name, Direction direction) {
    auto const& type = struct_type<T>();
    return field_schema(type, *type.find(name), direction).dump();
}

TEST(JsonSchema, DescribesEveryForm) {
    struct Case {
        char const* field;
        char const* schema;
    };
    for (auto const& [field, schema] : {
             Case{"id", R"({"type":"string","minLength":1})"},
             Case{"text", R"({"type":"string","maxLength":5})"},
             Case{"limit", R"({"type":"integer","format":"int64","minimum":1,"maximum":200,"default":50})"},
             Case{"small",
                  R"({"type":"integer","format":"int32","minimum":-2147483648,"maximum":2147483647,"default":0})"},
             Case{"exact", R"({"type":"boolean","default":false})"},
             Case{"ratio", R"({"type":"number","format":"double","default":0.5})"},
             Case{"price", R"({"type":"string","format":"decimal","pattern":"^-?(0|[1-9][0-9]*)(\\.[0-9]{1,9})?$"})"},
             Case{"since", R"({"type":"string","format":"date-time"})"},
             Case{"colour", R"({"type":"string","enum":["red","green"],"description":"Which one.","default":"green"})"},
             Case{"tags", R"({"type":"array","items":{"type":"string"},"maxItems":3})"},
             Case{"numbers", R"({"type":"array","items":{"type":"integer","format":"int64"}})"},
             Case{"cursor", R"({"type":["string","null"],"deprecated":true})"},
             Case{"filter", "{}"},
         }) {
        EXPECT_EQ(schema_of<Search>(field, Direction::input), schema) << field;
    }
    for (auto const& [field, schema] : {
             Case{"title", R"({"type":["string","null"],"maxLength":20})"},
             Case{"colour", R"({"type":"string","enum":["red","green"]})"},
             Case{"slug", R"({"type":["string","null"],"pattern":"^([a-z]([a-z0-9-]{0,61}[a-z0-9])?)?$"})"},
             Case{"password", R"({"type":"string","minLength":8,"format":"password","writeOnly":true})"},
             Case{"picture", R"({"type":"string","contentEncoding":"base64url"})"},
             Case{"counts",
                  R"({"type":"object","additionalProperties":{"type":"integer","format":"int64"},"maxProperties":2})"},
             Case{"target",
                  R"({"oneOf":[{"type":"object","properties":{"mail":{"$ref":"#/components/schemas/Mail"}},)"
                  R"("required":["mail"],"additionalProperties":false},{"type":"object","properties":{"phone":)"
                  R"({"type":"string"}},"required":["phone"],"additionalProperties":false}]})"},
             Case{"copy", R"({"anyOf":[{"$ref":"#/components/schemas/Mail"},{"type":"null"}]})"},
             Case{"made_by", R"({"type":"string","readOnly":true})"},
         }) {
        EXPECT_EQ(schema_of<Change>(field, Direction::input), schema) << field;
    }
}

TEST(JsonSchema, SaysWhatAnAnswerIs) {
    EXPECT_EQ(schema_of<Note>("id", Direction::output),
              R"({"type":"string","pattern":"^note_[0-7][0-9a-hjkmnp-tv-z]{25}$"})");
    EXPECT_EQ(schema_of<Note>("version", Direction::output), R"({"type":"integer","format":"int64"})");
    EXPECT_EQ(schema_of<Change>("colour", Direction::output),
              R"({"type":["string","null"],"enum":["red","green",null]})");
    EXPECT_EQ(schema_of<Page<Note>>("items", Direction::output),
              R"({"type":"array","items":{"$ref":"#/components/schemas/Note"},)"
              R"("description":"The records, in the list's order."})");
}

TEST(JsonSchema, IsNeverNullForAParameter) {
    auto const& type = struct_type<Search>();
    EXPECT_EQ(parameter_schema(type, *type.find("cursor")).dump(), R"({"type":"string"})");
    EXPECT_EQ(*parameter_schema(type, *type.find("limit")).find("default"), Json(50));
}

TEST(JsonSchema, RequiresWhatIsAlwaysThere) {
    auto const input = struct_schema(struct_type<Change>(), Direction::input, {});
    EXPECT_EQ(input.find("required")->dump(), R"(["id","password"])");
    EXPECT_EQ(*input.find("additionalProperties"), Json(false));
    std::vector<std::string> const path{"id"};
    auto const body = struct_schema(struct_type<Change>(), Direction::input, path);
    EXPECT_EQ(body.find("required")->dump(), R"(["password"])");
    EXPECT_EQ(body.find("properties")->find("id"), nullptr);
    auto const output = struct_schema(struct_type<Note>(), Direction::output, {});
    EXPECT_EQ(output.find("required")->dump(), R"(["id","title","version"])");
    EXPECT_EQ(output.find("additionalProperties"), nullptr);
    EXPECT_EQ(struct_schema(struct_type<Empty>(), Direction::output, {}).dump(),
              R"({"type":"object","properties":{}})");
}

TEST(SchemaSet, HoldsEverythingInside) {
    SchemaSet set;
    set.add(struct_type<Page<Note>>(), Direction::output);
    set.add_inside(struct_type<Change>(), Direction::input);
    auto const schemas = set.schemas();
    ASSERT_EQ(schemas.size(), 3U);
    EXPECT_TRUE(schemas.contains("Mail"));
    EXPECT_TRUE(schemas.contains("Note"));
    EXPECT_TRUE(schemas.contains("NotePage"));
}

TEST(SchemaSet, GivesTheInputFormToWhatTravelsBothWays) {
    for (bool const output_first : {true, false}) {
        SchemaSet set;
        set.add(struct_type<Note>(), output_first ? Direction::output : Direction::input);
        set.add(struct_type<Note>(), output_first ? Direction::input : Direction::output);
        EXPECT_NE(set.schemas().at("Note").find("additionalProperties"), nullptr);
    }
}

}  // namespace
}  // namespace nexpo::gateway

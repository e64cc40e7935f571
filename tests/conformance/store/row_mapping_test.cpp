// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

enum class Mood { calm, angry };

constexpr std::array<std::string_view, 2> enum_names(Mood) {
    return {"calm", "angry"};
}

struct Row {
    std::string text{"default"};
    std::int8_t tiny = 9;
    Mood mood = Mood::calm;
    std::optional<int> maybe{};
    bool flag = false;
    double number = 0;
    Decimal decimal{};
    Bytes bytes{};
    Timestamp time{};
    Json json{};
    Patch<int> patch{};
    std::vector<int> list{};

    bool operator==(Row const&) const = default;
};

StructType describe(Type<Row>) {
    return structure<Row>("Row", field("text", &Row::text), field("tiny", &Row::tiny), field("mood", &Row::mood),
                          field("maybe", &Row::maybe), field("flag", &Row::flag), field("number", &Row::number),
                          field("decimal", &Row::decimal), field("bytes", &Row::bytes), field("time", &Row::time),
                          field("json", &Row::json), field("patch", &Row::patch), field("list", &Row::list));
}

struct Other {
    std::string text{};
};

StructType describe(Type<Other>) {
    return structure<Other>("Other", field("text", &Other::text));
}

class RowMapping : public ::testing::Test {
 protected:
    void expect_unmapped(std::string_view sql, std::string_view column) const {
        auto const row = store.one<Row>(sql);
        ASSERT_FALSE(row) << sql;
        EXPECT_EQ(row.error().code, Errc::internal) << sql;
        EXPECT_EQ(row.error().reason, "sql_mapping") << sql;
        EXPECT_THAT(row.error().message, HasSubstr(column)) << sql;
    }

    TestStore store;
};

TEST_F(RowMapping, FillsFieldsByTheNameOfTheColumn) {
    auto const row = store.one<Row>(
        "SELECT -128 AS tiny, 'x' AS text, 'angry' AS mood, 7 AS maybe, {{sqlite 1}}{{postgresql true}} AS flag,"
        " CAST(2.5 AS double precision) AS number, '1.20' AS decimal,"
        " {{sqlite x'00ff'}}{{postgresql decode('00ff', 'hex')}} AS bytes,"
        " {{sqlite 1}}{{postgresql to_timestamp(0.000001)}} AS time, '{\"a\":1}' AS json");
    ASSERT_TRUE(row) << row.error().message;
    EXPECT_EQ(**row, (Row{.text = "x",
                          .tiny = -128,
                          .mood = Mood::angry,
                          .maybe = 7,
                          .flag = true,
                          .number = 2.5,
                          .decimal = Decimal::parse("1.20").value(),
                          .bytes = {0, 255},
                          .time = Timestamp(std::chrono::microseconds(1)),
                          .json = Json(Json::Object{{"a", 1}})}));
}

TEST_F(RowMapping, LeavesFieldsWithoutColumnAlone) {
    EXPECT_EQ(**store.one<Row>("SELECT NULL AS maybe, 3 AS number"), (Row{.number = 3}));
}

TEST_F(RowMapping, RefusesWhatDoesNotFit) {
    expect_unmapped("SELECT 1 AS extra", "extra");
    expect_unmapped("SELECT 1 AS \"1\"", "1");
    expect_unmapped("SELECT NULL AS text", "text");
    expect_unmapped("SELECT NULL AS flag", "flag");
    expect_unmapped("SELECT 128 AS tiny", "tiny");
    expect_unmapped("SELECT 'sad' AS mood", "mood");
    expect_unmapped("SELECT 1 AS mood", "mood");
    expect_unmapped("SELECT '' AS mood", "mood");
    expect_unmapped("SELECT 'abc' AS tiny", "tiny");
    expect_unmapped("SELECT 1.5 AS tiny", "tiny");
    expect_unmapped("SELECT 'abc' AS maybe", "maybe");
    expect_unmapped("SELECT 'true' AS flag", "flag");
    expect_unmapped("SELECT '1' AS number", "number");
    expect_unmapped("SELECT 'now' AS time", "time");
    expect_unmapped("SELECT '1.' AS decimal", "decimal");
    expect_unmapped("SELECT 1 AS decimal", "decimal");
    expect_unmapped("SELECT 'text' AS bytes", "bytes");
    expect_unmapped("SELECT {{sqlite x'00'}}{{postgresql decode('00', 'hex')}} AS text", "text");
    expect_unmapped("SELECT '{' AS json", "json");
    expect_unmapped("SELECT 1 AS patch", "patch");
    expect_unmapped("SELECT '[]' AS list", "list");
}

TEST_F(RowMapping, ReadsSingleValues) {
    EXPECT_THAT(store.all<int>("SELECT 1 UNION ALL SELECT 2").value(), ElementsAre(1, 2));
    EXPECT_THAT(store.all<std::string>("SELECT 'a' WHERE 1 = 0").value(), IsEmpty());
    EXPECT_THAT(store.all<std::optional<int>>("SELECT 1 UNION ALL SELECT NULL").value(), ElementsAre(1, std::nullopt));
    EXPECT_EQ(store.one<int>("SELECT 1 WHERE 1 = 0").value(), std::nullopt);
    auto const null = store.one<int>("SELECT NULL");
    ASSERT_FALSE(null);
    EXPECT_EQ(null.error().reason, "sql_mapping");
}

// One reader, so that the same prepared statement serves all of them.
TEST_F(RowMapping, AFailedMappingSpoilsNoLaterOne) {
    constexpr auto kSql = "SELECT 'a' AS text, 5 AS tiny";
    EXPECT_EQ(**store.one<Row>(kSql), (Row{.text = "a", .tiny = 5}));
    EXPECT_FALSE(store.one<Other>(kSql));
    EXPECT_EQ(**store.one<Row>(kSql), (Row{.text = "a", .tiny = 5}));
    EXPECT_FALSE(store.one<int>(kSql));
    EXPECT_EQ(store.one<std::string>(kSql).value(), "a");
}

}  // namespace
}  // namespace nexpo

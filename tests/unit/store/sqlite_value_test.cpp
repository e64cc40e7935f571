// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>

#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;

enum class Mood { calm, angry };

constexpr std::array<std::string_view, 2> enum_names(Mood) {
    return {"calm", "angry"};
}

struct Typed {
    std::string type{};
    std::optional<std::string> text{};
};

StructType describe(Type<Typed>) {
    return structure<Typed>("Typed", field("type", &Typed::type), field("text", &Typed::text));
}

class SqliteValue : public ::testing::Test {
 protected:
    /// What SQLite got: its type and its text.
    std::string bound(SqlParam const& param) const {
        auto const row = store.one<Typed>("SELECT typeof($1) AS type, CAST($1 AS TEXT) AS text", {param}).value();
        return row->type + ' ' + row->text.value_or("-");
    }
    TestStore store;
};

TEST_F(SqliteValue, HasTheTypeOfTheDatabase) {
    EXPECT_EQ(bound(nullptr), "null -");
    EXPECT_EQ(bound(true), "integer 1");
    EXPECT_EQ(bound(false), "integer 0");
    EXPECT_EQ(bound(7), "integer 7");
    EXPECT_EQ(bound(std::uint8_t{255}), "integer 255");
    EXPECT_EQ(bound(std::uint32_t{4'294'967'295}), "integer 4294967295");
    EXPECT_EQ(bound(1.5), "real 1.5");
    EXPECT_EQ(bound("text"), "text text");
    EXPECT_EQ(bound(std::string_view("text").substr(0, 2)), "text te");
    EXPECT_EQ(bound(std::string("temporary")), "text temporary");
    EXPECT_EQ(bound(""), "text ");
    EXPECT_EQ(bound(std::string_view{}), "text ");
    EXPECT_EQ(bound(Bytes{'a', 'b'}), "blob ab");
    EXPECT_EQ(bound(Bytes{}), "blob ");
    EXPECT_EQ(bound(Timestamp(std::chrono::microseconds(-5))), "integer -5");
    EXPECT_EQ(bound(Json(Json::Object{{"a", 1}})), R"(text {"a":1})");
    EXPECT_EQ(bound(Json()), "text null");
    EXPECT_EQ(bound(Decimal::parse("-1.50").value()), "text -1.50");
    EXPECT_EQ(bound(Mood::angry), "text angry");
    EXPECT_EQ(bound(std::optional<int>()), "null -");
    EXPECT_EQ(bound(std::optional<int>(3)), "integer 3");
    EXPECT_EQ(bound(std::optional<std::string>("x")), "text x");
    EXPECT_EQ(bound(std::optional<Mood>(Mood::calm)), "text calm");
}

TEST_F(SqliteValue, TextMayHoldZeros) {
    std::string const with_zero("a\0b\0", 4);
    EXPECT_EQ(store.one<std::string>("SELECT $1", {with_zero}).value(), with_zero);
    EXPECT_EQ(store.one<std::string>("SELECT $1", {std::string_view(with_zero)}).value(), with_zero);
}

TEST_F(SqliteValue, OneReadsTheFirstRowOnly) {
    EXPECT_EQ(store.one<int>("SELECT 5 UNION ALL SELECT 'never read'").value(), 5);
}

}  // namespace
}  // namespace nexpo

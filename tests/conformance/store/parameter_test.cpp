// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "support/test_store.hpp"

namespace nexpo {
namespace {

using namespace store_sample;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class Mood { calm, angry };

constexpr std::array<std::string_view, 2> enum_names(Mood) {
    return {"calm", "angry"};
}

class SqlParameter : public ::testing::Test {
 protected:
    template <class T>
    T back(SqlParam const& param) const {
        return store.one<T>("SELECT $1", {param}).value().value();
    }

    TestStore store;
};

TEST_F(SqlParameter, ComesBackAsItWas) {
    EXPECT_EQ(back<std::string>(""), "");
    EXPECT_EQ(back<Secret>("hunter2").reveal(), "hunter2");
    EXPECT_EQ(back<Bytes>(Bytes{0, 255, 0}), (Bytes{0, 255, 0}));
    EXPECT_EQ(back<Bytes>(Bytes{}), Bytes{});
    EXPECT_EQ(back<std::int64_t>(std::numeric_limits<std::int64_t>::min()), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(back<std::int64_t>(std::numeric_limits<std::int64_t>::max()), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(back<double>(0.1), 0.1);
    EXPECT_EQ(back<bool>(true), true);
    EXPECT_EQ(back<Mood>(Mood::angry), Mood::angry);
    EXPECT_EQ(back<Decimal>(Decimal::parse("-1.50").value()).to_string(), "-1.50");
    EXPECT_EQ(back<Timestamp>(max_timestamp()), max_timestamp());
    EXPECT_EQ(back<Timestamp>(min_timestamp()), min_timestamp());
    EXPECT_EQ(back<Json>(Json(Json::Array{1, "x"})), Json(Json::Array{1, "x"}));
    EXPECT_EQ(back<std::optional<std::string>>(nullptr), std::nullopt);
    EXPECT_EQ(back<std::optional<std::string>>(""), "");
}

TEST_F(SqlParameter, MayStandTwiceAndInAnyOrder) {
    EXPECT_EQ(store.one<std::string>("SELECT $2 || $1 || $2", {"a", "b"}).value(), "bab");
    EXPECT_EQ(store.one<std::string>("SELECT $3 || $1", {"a", "unused", "c"}).value(), "ca");
}

TEST_F(SqlParameter, AreCounted) {
    for (auto const& failed : {store.one<int>("SELECT $1", {}), store.one<int>("SELECT $1", {1, 2}),
                               store.one<int>("SELECT 1", {1}), store.one<int>("SELECT $2", {1})}) {
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code, Errc::internal);
        EXPECT_EQ(failed.error().reason, "sql_invalid");
    }
}

TEST_F(SqlParameter, ListsAreSetsOfTexts) {
    for (char const* name : {"a", "b", "c\"\\", "", "ä"})
        ASSERT_TRUE(store.execute("INSERT INTO items VALUES ($1, NULL)", {name}));
    auto const found = [&](std::vector<std::string> const& list) {
        return store.all<std::string>("SELECT name FROM items WHERE name {{in $1}} ORDER BY name", {list}).value();
    };
    EXPECT_THAT(found({}), IsEmpty());
    EXPECT_THAT(found({"b"}), ElementsAre("b"));
    EXPECT_THAT(found({"c\"\\", "", "a", "a", "x", "ä"}), ElementsAre("", "a", "c\"\\", "ä"));
    EXPECT_THAT(found({"'); DROP TABLE items; --"}), IsEmpty());
    std::vector<std::string> many(50'000, "nothing");
    many.push_back("a");
    EXPECT_THAT(found(many), ElementsAre("a"));
}

TEST_F(SqlParameter, NothingOfTheExecutionBeforeRemains) {
    EXPECT_EQ(store.one<std::optional<std::string>>("SELECT $1", {"secret"}).value(), "secret");
    EXPECT_EQ(store.one<std::optional<std::string>>("SELECT $1", {nullptr}).value().value(), std::nullopt);
}

}  // namespace
}  // namespace nexpo

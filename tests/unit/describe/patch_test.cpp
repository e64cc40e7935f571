// SPDX-License-Identifier: Apache-2.0
#include "nexpo/patch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/describe/sample.hpp"

namespace nexpo {
namespace {

using namespace describe_sample;

TEST(Patch, KnowsAbsentNullAndValue) {
    Patch<int> const absent;
    EXPECT_FALSE(absent.is_present());
    EXPECT_FALSE(absent.is_null());
    EXPECT_FALSE(absent.has_value());

    Patch<int> const null = nullptr;
    EXPECT_TRUE(null.is_present());
    EXPECT_TRUE(null.is_null());
    EXPECT_FALSE(null.has_value());

    Patch<int> const zero = 0;
    EXPECT_TRUE(zero.is_present());
    EXPECT_FALSE(zero.is_null());
    ASSERT_TRUE(zero.has_value());
    EXPECT_EQ(*zero, 0);

    EXPECT_NE(absent, null);
    EXPECT_NE(null, zero);
}

TEST(Patch, FillsAFreshValue) {
    Patch<Point> patch = Point{1, 2};
    EXPECT_EQ(patch.emplace(), (Point{0, 0}));
    (*patch).x = 7;
    EXPECT_EQ(patch->x, 7);
    EXPECT_EQ(patch, Patch<Point>(Point{7, 0}));
}

TEST(Patch, HasThreeFormsOnTheWire) {
    struct Case {
        std::string_view text;
        Patch<std::string> patch;
        char const* written;
    };
    for (auto const& [text, patch, written] :
         {Case{R"({})", {}, R"({})"}, Case{R"({"patch":null})", nullptr, "null"},
          Case{R"({"patch":""})", std::string(), R"("")"}, Case{R"({"patch":"x"})", std::string("x"), R"("x")"}}) {
        // The variant's first alternative is not valid by itself; only the patch is looked at.
        Everything value{.contact = "x"};
        ASSERT_TRUE(from_json(struct_type<Everything>(), &value, text)) << text;
        EXPECT_EQ(value.patch, patch) << text;
        auto const json = Json::parse(to_json(value)).value();
        auto const* member = json.find("patch");
        EXPECT_EQ(member == nullptr ? "{}" : member->dump(), written) << text;
    }
}

}  // namespace
}  // namespace nexpo

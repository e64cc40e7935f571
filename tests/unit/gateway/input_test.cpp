// SPDX-License-Identifier: Apache-2.0
#include "gateway/input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/gateway/sample.hpp"

namespace nexpo::gateway {
namespace {

using sample::Change;
using sample::Search;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

/// `/field rule`, one for each violation.
std::vector<std::string> violations_of(Error const& error) {
    std::vector<std::string> texts;
    for (auto const& violation : error.violations) texts.push_back(violation.field + ' ' + violation.rule);
    return texts;
}

struct From {
    std::vector<std::string> names{};
    std::vector<std::string> values{};
    std::string query{};
    std::string body{};
    bool fields_in_query = true;
};

template <class T>
Result<T> read(From const& from) {
    auto const query = parse_query(from.query).value();
    auto input = read_input(struct_type<T>(), {.path_names = from.names,
                                               .path_values = from.values,
                                               .query = &query,
                                               .fields_in_query = from.fields_in_query,
                                               .body = from.body});
    if (!input) return std::move(input).error();
    return *static_cast<T const*>(input->get());
}

constexpr char const* kChange = R"({"id":"7","password":"12345678","target":{"phone":"+49"}})";

TEST(Input, ComesFromPathAndQuery) {
    auto const search = read<Search>({.names = {"id"},
                                      .values = {"a/b"},
                                      .query = "text=x%20y&limit=7&small=-3&exact=true&ratio=1.5e2&price=-12.50&"
                                               "since=2026-03-01T12:00:00Z&colour=red&tags=a&tags=b%2Cc&numbers=4&"
                                               "cursor=c&filter=%7B%22a%22:1%7D"});
    ASSERT_TRUE(search) << search.error().message;
    EXPECT_EQ(search->id, "a/b");
    EXPECT_EQ(search->text, "x y");
    EXPECT_EQ(search->limit, 7);
    EXPECT_EQ(search->small, -3);
    EXPECT_TRUE(search->exact);
    EXPECT_EQ(search->ratio, 150.0);
    EXPECT_EQ(search->price.to_string(), "-12.50");
    EXPECT_EQ(to_string(search->since), "2026-03-01T12:00:00Z");
    EXPECT_EQ(search->colour, sample::Colour::red);
    EXPECT_THAT(search->tags, ElementsAre("a", "b,c"));
    EXPECT_THAT(search->numbers, ElementsAre(4));
    EXPECT_EQ(search->cursor, "c");
    EXPECT_EQ(search->filter.dump(), R"({"a":1})");
}

TEST(Input, KeepsDefaultsOfWhatIsNotGiven) {
    auto const search = read<Search>({.query = "id=7"});
    ASSERT_TRUE(search);
    EXPECT_EQ(search->limit, 50);
    EXPECT_EQ(search->colour, sample::Colour::green);
    EXPECT_FALSE(search->cursor.has_value());
}

TEST(Input, ReportsEverythingThatIsWrongInAQuery) {
    auto const search = read<Search>({.names = {"id"},
                                      .values = {"\xff"},
                                      .query = "text=too+long&limit=1x&small=3000000000&exact=1&ratio=nan&price=1e3&"
                                               "since=now&colour=blue&tags=%00&numbers=4&numbers=x&cursor=a&cursor=b&"
                                               "filter=%7B&unknown=1&a%2Fb=2&%ff=3&%00=4"});
    ASSERT_FALSE(search);
    EXPECT_EQ(search.error().code, Errc::invalid_argument);
    EXPECT_EQ(search.error().reason, "validation_failed");
    EXPECT_THAT(violations_of(search.error()),
                UnorderedElementsAre("/id utf8", "/text max", "/limit type", "/small range", "/exact type",
                                     "/ratio type", "/price decimal", "/since timestamp", "/colour enum", "/tags nul",
                                     "/numbers type", "/cursor unique", "/filter type", "/unknown unknown",
                                     "/a~1b unknown", " unknown", " unknown"));
}

TEST(Input, MissesRequiredFields) {
    auto const search = read<Search>({.query = "limit=0"});
    ASSERT_FALSE(search);
    EXPECT_THAT(violations_of(search.error()), UnorderedElementsAre("/id required", "/limit min"));
}

TEST(Input, RefusesAPathParameterInTheQuery) {
    auto const search = read<Search>({.names = {"id"}, .values = {"7"}, .query = "id=7"});
    ASSERT_FALSE(search);
    EXPECT_THAT(violations_of(search.error()), ElementsAre("/id unique"));
}

TEST(Input, ComesFromABody) {
    auto const change = read<Change>({.body = kChange, .fields_in_query = false});
    ASSERT_TRUE(change) << violations_of(change.error()).front();
    EXPECT_EQ(change->id, "7");
    EXPECT_EQ(change->password.reveal(), "12345678");
    EXPECT_FALSE(change->title.is_present());
    EXPECT_EQ(std::get<1>(change->target), "+49");
}

TEST(Input, TakesAPathParameterAgainInTheBodyIfItIsTheSame) {
    EXPECT_TRUE(read<Change>({.names = {"id"}, .values = {"7"}, .body = kChange, .fields_in_query = false}));
    auto const other = read<Change>({.names = {"id"}, .values = {"8"}, .body = kChange, .fields_in_query = false});
    ASSERT_FALSE(other);
    EXPECT_THAT(violations_of(other.error()), ElementsAre("/id path"));
}

TEST(Input, ReportsPathQueryAndBodyTogether) {
    auto const change = read<Change>({.names = {"id"},
                                      .values = {"\xff"},
                                      .query = "id=1&slug=x",
                                      .body = R"({"title":7,"password":"short","more":1,"made_by":"me"})",
                                      .fields_in_query = false});
    ASSERT_FALSE(change);
    EXPECT_THAT(violations_of(change.error()),
                UnorderedElementsAre("/id utf8", "/id unknown", "/slug unknown", "/title type", "/password min",
                                     "/more unknown", "/made_by read_only", "/target/mail/address required"));
}

TEST(Input, RefusesABodyThatIsNoObject) {
    for (auto const* body : {"[]", "7", "null", "\"text\""}) {
        auto const change = read<Change>({.body = body, .fields_in_query = false});
        ASSERT_FALSE(change) << body;
        EXPECT_THAT(violations_of(change.error()), ElementsAre(" type")) << body;
    }
}

TEST(Input, RefusesABodyThatIsNoJson) {
    for (std::string const& body :
         {std::string("{"), std::string(R"({"id":1,"id":2})"), std::string("{}x"), std::string("\xff"),
          std::string("{\"id\":\"\\u0000\"}"), std::string("NaN"), std::string(10'000, '['), std::string(" ")}) {
        auto const change = read<Change>({.body = body, .fields_in_query = false});
        ASSERT_FALSE(change);
        EXPECT_EQ(change.error().reason, "json_malformed") << body.substr(0, 20);
    }
}

TEST(Input, TakesNoBodyForAnEmptyObject) {
    EXPECT_TRUE(read<Empty>({.fields_in_query = false}));
    EXPECT_FALSE(read<Change>({.fields_in_query = false}));
}

TEST(TextValue, IsReadByItsForm) {
    EXPECT_EQ(value_from_text(value_type<std::int64_t>(), "-9223372036854775808").json.if_integer() != nullptr, true);
    for (auto const* text : {"", " 1", "+1", "1 ", "0x1", "1.0", "9223372036854775808", "--1"}) {
        EXPECT_STREQ(value_from_text(value_type<std::int64_t>(), text).broken_rule, "type") << text;
    }
    for (auto const* text : {"", "TRUE", "1", "yes", "true "}) {
        EXPECT_STREQ(value_from_text(value_type<bool>(), text).broken_rule, "type") << text;
    }
    for (auto const* text : {"", "inf", "-nan", "1e999", "1,5", "0x1p3"}) {
        EXPECT_STREQ(value_from_text(value_type<double>(), text).broken_rule, "type") << text;
    }
}

}  // namespace
}  // namespace nexpo::gateway

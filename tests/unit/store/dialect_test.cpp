// SPDX-License-Identifier: Apache-2.0
#include "store/dialect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo {
namespace {

using store::Dialect;

void expect_refused(std::string_view sql) {
    for (auto const dialect : {Dialect::sqlite, Dialect::postgresql}) {
        auto const expanded = store::expand_sql(sql, dialect);
        ASSERT_FALSE(expanded) << sql << " became " << *expanded;
        EXPECT_EQ(expanded.error().code, Errc::internal) << sql;
        EXPECT_EQ(expanded.error().reason, "sql_invalid") << sql;
    }
}

TEST(ExpandSql, RefusesEveryOtherParameter) {
    for (char const* sql : {"SELECT ?", "SELECT ?1", "SELECT :a", "SELECT @a", "SELECT $a", "SELECT $", "SELECT $0",
                            "SELECT $01", "SELECT $1::bigint", "SELECT $1a", "SELECT $1_", "SELECT $1:a",
                            "SELECT a::text", "SELECT $$text$$", "SELECT a ? 'b'", "{{fold ?1}}", "{{in :a}}"}) {
        expect_refused(sql);
    }
}

TEST(ExpandSql, RefusesUnknownAndBrokenWords) {
    for (char const* sql : {"{{unknown}}", "{{}}", "{{ text}}", "{{TEXT}}", "{{text}", "{{text", "{{", "{{in}}",
                            "{{in }}", "{{fold}}", "{{sqlite}}", "{{postgresql }}", "{{isolate}}",
                            "{{postgresql $1::int}}", "{{text x}}", "{{strict 1}}", "{{fold $1::text}}"}) {
        expect_refused(sql);
    }
}

TEST(ExpandSql, LeavesQuotesAndCommentsAlone) {
    for (char const* sql :
         {"SELECT '?1 :a $a {{text}} -- /*'", "SELECT 'it''s $a'", "SELECT \"a?{{b}}\"\"c\"",
          "SELECT 1 -- $a ? {{\n+ 1", "SELECT 1 -- '", "SELECT /* ?1 {{x}} ' */ 1", "SELECT 1 /*/ $a */",
          "/**/ SELECT 1", "SELECT 'open $a", "/* open $a", "SELECT 1 - 2 / 3 * 4 { 5 }"}) {
        EXPECT_EQ(store::expand_sql(sql, Dialect::sqlite).value(), sql);
        EXPECT_EQ(store::expand_sql(sql, Dialect::postgresql).value(), sql);
    }
}

TEST(ExpandSql, CommentsEndWhereTheyEnd) {
    EXPECT_EQ(store::expand_sql("SELECT /*/ ' */ $1", Dialect::sqlite).value(), "SELECT /*/ ' */ ?1");
    EXPECT_EQ(store::expand_sql("SELECT '--' || $1", Dialect::sqlite).value(), "SELECT '--' || ?1");
    EXPECT_EQ(store::expand_sql("-- '\n$1", Dialect::sqlite).value(), "-- '\n?1");
}

TEST(ExpandSql, NumbersParametersByTheirNumber) {
    EXPECT_EQ(store::expand_sql("$2,$1,$12", Dialect::sqlite).value(), "?2,?1,?12");
    EXPECT_EQ(store::expand_sql("$2,$1,$12", Dialect::postgresql).value(), "$2,$1,$12");
}

TEST(ExpandSql, RefusesASecondStatementWhereOneIsMeant) {
    for (char const* sql : {"SELECT 1", "SELECT 1;", "SELECT 1; ;\n", "SELECT 1; -- done; really\n",
                            "SELECT ';' /* ; */ || 'a;b'", "SELECT 1 /* a; */ + 2;/**/"}) {
        EXPECT_TRUE(store::expand_statement(sql, Dialect::sqlite)) << sql;
    }
    for (char const* sql : {"SELECT 1; SELECT 2", "DELETE FROM a;DELETE FROM b", "SELECT 1;'x'", "SELECT 1;/**/$1",
                            "SELECT 1;{{text}}", "SELECT 1;-- x\nSELECT 2"}) {
        EXPECT_FALSE(store::expand_statement(sql, Dialect::sqlite)) << sql;
        EXPECT_TRUE(store::expand_sql(sql, Dialect::sqlite)) << sql;
    }
}

TEST(ExpandSql, GivesOneDatabaseWhatTheOtherDoesNotGet) {
    constexpr auto kSql = "SELECT 1{{sqlite  + $1}}{{postgresql  + $2}}";
    EXPECT_EQ(store::expand_sql(kSql, Dialect::sqlite).value(), "SELECT 1 + ?1");
    EXPECT_EQ(store::expand_sql(kSql, Dialect::postgresql).value(), "SELECT 1 + $2");
}

TEST(ControlsTransaction, KnowsTheWords) {
    for (char const* sql : {"BEGIN", "begin immediate", " \n\tCommit;", "END", "ROLLBACK TO x", "savepoint a",
                            "Release a", "ABORT", "START TRANSACTION"}) {
        EXPECT_TRUE(store::controls_transaction(sql)) << sql;
    }
    for (char const* sql : {"", " ", "SELECT 1", "beginning", "INSERT INTO begin VALUES (1)", "endless"}) {
        EXPECT_FALSE(store::controls_transaction(sql)) << sql;
    }
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "store/dialect.hpp"

namespace nexpo {
namespace {

/// Every word, alone and where it is used.
constexpr char const* kStatements[] = {
    "{{id}}",
    "{{text}}",
    "{{int}}",
    "{{bool}}",
    "{{timestamp}}",
    "{{json}}",
    "{{bytes}}",
    "{{strict}}",
    "{{in $1}}",
    "{{skip_locked}}",
    "{{fold name}}",
    "{{sqlite PRAGMA optimize}}",
    "{{postgresql SET LOCAL work_mem = $1}}",
    "{{isolate notes}}",
    "CREATE TABLE a (b {{int}}{{postgresql , c xid8}}); {{isolate a}};",
    "CREATE TABLE notes (id {{id}} PRIMARY KEY, done {{bool}} NOT NULL, body {{json}}) {{strict}}",
    "SELECT id FROM notes WHERE owner = $2 AND id {{in $1}} AND due <= $3 AND $3 > $10",
    "SELECT id FROM users WHERE {{fold address}} = {{fold $1}}",
    "SELECT id FROM jobs ORDER BY due NULLS LAST LIMIT 1 {{skip_locked}}",
    "SELECT '{{text}} $x', \"$y\" -- {{id}} ?\n/* {{id}} ? */ FROM notes",
};

std::string expansions() {
    std::string text;
    for (auto const* statement : kStatements) {
        text.append(statement).append("\n    sqlite:     [");
        text += store::expand_sql(statement, store::Dialect::sqlite).value();
        text += "]\n    postgresql: [";
        text += store::expand_sql(statement, store::Dialect::postgresql).value();
        text += "]\n";
    }
    return text;
}

// A change here changes what released migrations mean: add a word instead.
TEST(SqlDialects, ExpandAsRecorded) {
    std::ifstream file(NEXPO_TEST_DATA "/sql_dialects.golden");
    std::string const recorded((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    EXPECT_EQ(expansions(), recorded);
}

}  // namespace
}  // namespace nexpo

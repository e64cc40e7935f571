// SPDX-License-Identifier: Apache-2.0
// SQL of ours and of applications: both databases take the same statements, with the same parameters.
#include <algorithm>
#include <set>

#include "fuzz/fuzz.hpp"
#include "store/dialect.hpp"

namespace nexpo::fuzz {
namespace {

/// Words that stand for nothing in one of the databases.
constexpr std::string_view kOneSided[] = {"strict", "skip_locked", "sqlite", "postgresql", "isolate"};

/// The numbers of the parameters outside of texts, names and comments.
std::set<std::string> parameters(std::string_view sql, char mark) {
    std::set<std::string> found;
    while (!sql.empty()) {
        if (sql.starts_with("--")) {
            take_until(sql, "\n");
        } else if (sql.starts_with("/*")) {
            sql.remove_prefix(2);
            take_until(sql, "*/");
        } else if (sql.front() == '\'' || sql.front() == '"') {
            auto const quote = sql.substr(0, 1);
            sql.remove_prefix(1);
            take_until(sql, quote);
        } else if (sql.front() == mark) {
            auto const end = std::min(sql.find_first_not_of("0123456789", 1), sql.size());
            found.emplace(sql.substr(1, end - 1));
            sql.remove_prefix(end);
        } else {
            sql.remove_prefix(1);
        }
    }
    return found;
}

/// Words that stand for nothing in one database, or open a text or comment and leave it open, change what stands around
/// them.
bool joins_its_surroundings(std::string_view sql) {
    for (auto const name : kOneSided) {
        if (sql.find("{{" + std::string(name)) != sql.npos) return true;
    }
    while (sql.find("{{") != sql.npos) {
        take_until(sql, "{{");
        if (take_until(sql, "}}").find_first_of("'\"-/*") != sql.npos) return true;
    }
    return false;
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(sql) {
    using namespace nexpo;
    using namespace nexpo::fuzz;
    auto const sqlite = store::expand_sql(input, store::Dialect::sqlite);
    auto const postgresql = store::expand_sql(input, store::Dialect::postgresql);
    require(sqlite.has_value() == postgresql.has_value(), "both databases take the same statements", input);
    if (!sqlite) {
        require(sqlite.error() == postgresql.error(), "both refuse for the same reason", input);
        require(sqlite.error().code == Errc::internal && sqlite.error().reason == "sql_invalid",
                "refusals are of one kind");
        return;
    }
    if (joins_its_surroundings(input)) return;
    require(parameters(*sqlite, '?') == parameters(*postgresql, '$'), "both have the same parameters", input);
    require(!parameters(*sqlite, '?').contains(""), "every parameter has a number", input);
    if (input.find_first_of("{$?:@") == input.npos) {
        require(*sqlite == input && *postgresql == input, "plain SQL stays as it is", input);
    }
    auto const one = store::expand_statement(input, store::Dialect::postgresql);
    require(!one || *one == *postgresql, "a single statement is no other", input);
    if (input.find(';') == input.npos) require(one.has_value(), "without a semicolon there is one statement", input);
    (void)store::controls_transaction(input);
}

// SPDX-License-Identifier: Apache-2.0
#include "store/dialect.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace nexpo::store {

namespace {

struct Word {
    std::string_view name;
    std::string_view sqlite;
    std::string_view postgresql;

    bool takes_argument() const { return sqlite.find('%') != sqlite.npos || postgresql.find('%') != postgresql.npos; }
};

/// Each `%` stands for what follows the word inside the braces. Text compares by bytes in both databases.
constexpr std::array kWords{
    Word{"id", "TEXT", "text COLLATE \"C\""},
    Word{"text", "TEXT", "text COLLATE \"C\""},
    Word{"int", "INTEGER", "bigint"},
    Word{"bool", "INTEGER", "boolean"},
    Word{"timestamp", "INTEGER", "timestamptz"},
    Word{"json", "TEXT", "jsonb"},
    Word{"bytes", "BLOB", "bytea"},
    Word{"strict", "STRICT", ""},
    Word{"in", "IN (SELECT value FROM json_each(%))", "= ANY(%)"},
    Word{"skip_locked", "", "FOR UPDATE SKIP LOCKED"},
    Word{"fold", "lower(%)", "lower(% COLLATE \"C\")"},
    Word{"sqlite", "%", ""},
    Word{"postgresql", "", "%"},
    // FORCE, because an application may serve with the role that owns the tables.
    Word{"isolate", "",
         "ALTER TABLE % ENABLE ROW LEVEL SECURITY; ALTER TABLE % FORCE ROW LEVEL SECURITY;"
         " CREATE POLICY organization ON % USING (current_setting('nexpo.organization', true) = '*' OR"
         " (organization_id = current_setting('nexpo.organization', true) AND organization_id <> ''))"},
};

constexpr std::array<std::string_view, 8> kTransactionWords{"BEGIN", "START",    "COMMIT",    "END",
                                                            "ABORT", "ROLLBACK", "SAVEPOINT", "RELEASE"};

Error invalid(std::string message) {
    return {Errc::internal, "sql_invalid", std::move(message)};
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

class Expansion {
 public:
    enum class Statements : std::uint8_t { one, many };

    Expansion(std::string_view sql, Dialect dialect, Statements statements)
        : sql_(sql), dialect_(dialect), statements_(statements) {
        out_.reserve(sql.size() + 32);
    }

    Result<std::string> run() {
        while (at_ < sql_.size()) {
            char const c = sql_[at_];
            if (sql_.substr(at_, 2) == "--") {
                copy_past(sql_.find('\n', at_), 0);
                continue;
            }
            if (sql_.substr(at_, 2) == "/*") {
                copy_past(sql_.find("*/", at_ + 2), 2);
                continue;
            }
            if (ended_ && !is_space(c) && c != ';') return invalid("more than one statement");
            if (c == '\'' || c == '"') {
                copy_past(sql_.find(c, at_ + 1), 1);
            } else if (sql_.substr(at_, 2) == "{{") {
                if (auto done = word(); !done) return std::move(done).error();
            } else if (c == '$' || c == '?' || c == ':' || c == '@') {
                if (auto done = parameter(); !done) return std::move(done).error();
            } else {
                if (c == ';' && statements_ == Statements::one) ended_ = true;
                out_ += c;
                ++at_;
            }
        }
        return std::move(out_);
    }

 private:
    void copy_past(std::size_t position, std::size_t length) {
        auto const end = position == std::string_view::npos ? sql_.size() : position + length;
        out_ += sql_.substr(at_, end - at_);
        at_ = end;
    }

    Result<void> parameter() {
        auto end = at_ + 1;
        while (end < sql_.size() && is_digit(sql_[end])) ++end;
        bool const numbered = sql_[at_] == '$' && end > at_ + 1 && sql_[at_ + 1] != '0';
        bool const goes_on = end < sql_.size() && (is_name(sql_[end]) || sql_[end] == ':');
        if (!numbered || goes_on) return invalid("parameters are $1, $2, … only: " + std::string(sql_.substr(at_, 16)));
        // SQLite numbers `$2` by where it first appears; only `?2` is the second parameter everywhere.
        out_ += dialect_ == Dialect::sqlite ? '?' : '$';
        out_ += sql_.substr(at_ + 1, end - at_ - 1);
        at_ = end;
        return {};
    }

    Result<void> word() {
        auto const end = sql_.find("}}", at_);
        if (end == std::string_view::npos) return invalid("unclosed {{");
        auto const inside = sql_.substr(at_ + 2, end - at_ - 2);
        auto const space = inside.find(' ');
        auto const name = inside.substr(0, space);
        auto const argument = space == std::string_view::npos ? std::string_view{} : inside.substr(space + 1);
        for (auto const& known : kWords) {
            if (known.name != name) continue;
            auto const text = dialect_ == Dialect::sqlite ? known.sqlite : known.postgresql;
            if (known.takes_argument() == argument.empty()) return invalid("{{" + std::string(name) + "}}: argument");
            auto inner = Expansion(argument, dialect_, statements_).run();
            if (!inner) return std::move(inner).error();
            for (char const c : text) {
                if (c == '%') {
                    out_ += *inner;
                } else {
                    out_ += c;
                }
            }
            at_ = end + 2;
            return {};
        }
        return invalid("unknown word {{" + std::string(inside) + "}}");
    }

    std::string_view sql_;
    Dialect dialect_;
    Statements statements_;
    bool ended_ = false;
    std::size_t at_ = 0;
    std::string out_;
};

}  // namespace

Result<std::string> expand_sql(std::string_view sql, Dialect dialect) {
    return Expansion(sql, dialect, Expansion::Statements::many).run();
}

Result<std::string> expand_statement(std::string_view sql, Dialect dialect) {
    return Expansion(sql, dialect, Expansion::Statements::one).run();
}

int count_parameters(std::string_view expanded) {
    int highest = 0;
    for (std::size_t at = 0; at < expanded.size();) {
        auto const past = [&](std::size_t position, std::size_t length) {
            at = position == std::string_view::npos ? expanded.size() : position + length;
        };
        char const c = expanded[at];
        if (expanded.substr(at, 2) == "--") {
            past(expanded.find('\n', at), 1);
        } else if (expanded.substr(at, 2) == "/*") {
            past(expanded.find("*/", at + 2), 2);
        } else if (c == '\'' || c == '"') {
            past(expanded.find(c, at + 1), 1);
        } else if (c == '$') {
            int number = 0;
            for (++at; at < expanded.size() && is_digit(expanded[at]) && number < 100'000; ++at) {
                number = number * 10 + (expanded[at] - '0');
            }
            highest = std::max(highest, number);
        } else {
            ++at;
        }
    }
    return highest;
}

bool controls_transaction(std::string_view sql) {
    auto const begin = std::ranges::find_if_not(sql, is_space);
    auto const end = std::find_if_not(begin, sql.end(), is_name);
    std::string word;
    for (char const c : std::string_view(begin, end)) {
        word += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return std::ranges::find(kTransactionWords, word) != kTransactionWords.end();
}

}  // namespace nexpo::store

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "support/test_backend.hpp"

namespace nexpo {

namespace {

/// Words that are keywords in C++, Python, protobuf, JavaScript or GraphQL.
std::set<std::string> const kKeywords{
    "and",       "as",           "assert",   "async",     "auto",     "await",    "bool",     "break",      "case",
    "catch",     "char",         "class",    "const",     "continue", "debugger", "def",      "default",    "del",
    "delete",    "do",           "double",   "elif",      "else",     "enum",     "except",   "explicit",   "export",
    "extends",   "extern",       "false",    "finally",   "float",    "for",      "friend",   "from",       "function",
    "global",    "goto",         "if",       "import",    "in",       "inline",   "input",    "instanceof", "int",
    "interface", "is",           "lambda",   "let",       "long",     "message",  "mutable",  "mutation",   "namespace",
    "new",       "none",         "nonlocal", "not",       "null",     "nullptr",  "operator", "option",     "or",
    "package",   "pass",         "private",  "protected", "public",   "query",    "raise",    "register",   "repeated",
    "reserved",  "return",       "rpc",      "scalar",    "service",  "short",    "signed",   "sizeof",     "static",
    "struct",    "subscription", "super",    "switch",    "syntax",   "template", "this",     "throw",      "true",
    "try",       "typedef",      "typeof",   "union",     "unsigned", "using",    "var",      "virtual",    "void",
    "volatile",  "while",        "with",     "xor",       "yield"};

bool is_name(std::string const& text) {
    static std::regex const snake_case("[a-z][a-z0-9]*(_[a-z0-9]+)*");
    return std::regex_match(text, snake_case) && !kKeywords.contains(text);
}

void expect_names(StructType const& type, std::set<std::string>& seen);

void expect_names(ValueType const& type, std::set<std::string>& seen) {
    for (auto const word : type.names) EXPECT_TRUE(is_name(std::string(word))) << word;
    if (type.structure != nullptr) expect_names(type.structure(), seen);
    if (type.element != nullptr) expect_names(*type.element, seen);
    for (auto const* alternative : type.alternatives) expect_names(*alternative, seen);
}

void expect_names(StructType const& type, std::set<std::string>& seen) {
    if (!seen.insert(type.name()).second) return;
    static std::regex const pascal_case("[A-Z][A-Za-z0-9]*");
    EXPECT_TRUE(std::regex_match(type.name(), pascal_case)) << type.name();
    for (auto const& field : type.fields()) {
        EXPECT_TRUE(is_name(field.name())) << type.name() << '.' << field.name();
        expect_names(field.type(), seen);
    }
}

TEST(Names, WorkInEveryLanguage) {
    testing::TestBackend const test;
    for (auto const& operation : test.backend.operations()) {
        auto const dot = operation.name.find('.');
        EXPECT_TRUE(is_name(operation.name.substr(0, dot))) << operation.name;
        EXPECT_TRUE(is_name(operation.name.substr(dot + 1))) << operation.name;
        for (auto const& reason : operation.reasons) EXPECT_TRUE(is_name(reason.reason)) << reason.reason;
    }
    std::set<std::string> seen;
    expect_names(struct_type<Config>(), seen);
    for (auto const* type :
         {&struct_type<SignUp>(),        &struct_type<Login>(),        &struct_type<RefreshTokens>(),
          &struct_type<ValidateToken>(), &struct_type<Tokens>(),       &struct_type<TokenInfo>(),
          &struct_type<JsonWebKeySet>(), &struct_type<User>(),         &struct_type<CreateUser>(),
          &struct_type<ListUsers>(),     &struct_type<UpdateUser>(),   &struct_type<UserEvent>(),
          &struct_type<Page<User>>(),    &struct_type<Bootstrap>(),    &struct_type<BootstrapResult>(),
          &struct_type<Page<ApiKey>>(),  &struct_type<CreateApiKey>(), &struct_type<NewApiKey>(),
          &struct_type<GetApiKey>(),     &struct_type<ListApiKeys>(),  &struct_type<RotateApiKey>(),
          &struct_type<RemoveApiKey>(),  &struct_type<ApiKeyEvent>()}) {
        expect_names(*type, seen);
    }
}

TEST(Names, RefusesKeywords) {
    for (auto const* word : {"delete", "from", "import", "register", "class", "Users", "user-id", "_id", "a__b"}) {
        EXPECT_FALSE(is_name(word)) << word;
    }
    EXPECT_TRUE(is_name("sign_up"));
}

}  // namespace

}  // namespace nexpo

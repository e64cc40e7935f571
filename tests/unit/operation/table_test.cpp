// SPDX-License-Identifier: Apache-2.0
#include "operation/table.hpp"

#include <gtest/gtest.h>

#include "unit/operation/test_pipeline.hpp"

namespace nexpo::operation {

namespace {

namespace other {

/// Another struct of the name `Pong`.
struct Pong {
    std::int64_t word = 0;
};

StructType describe(Type<Pong>) {
    return structure<Pong>("Pong", field("word", &Pong::word));
}

struct Box {
    std::vector<std::optional<Pong>> inside{};
};

StructType describe(Type<Box>) {
    return structure<Box>("Box", field("inside", &Box::inside));
}

}  // namespace other

OperationInfo good_info() {
    return {.name = "notes.get", .rest = "GET /notes/{word}", .permission = "notes:read"};
}

Reply<Pong> answer(Call&, Ping const&) {
    return Pong{};
}

OperationTable with(OperationInfo info) {
    OperationTable table;
    table.add<Ping, Pong>({.info = std::move(info), .handler = answer});
    return table;
}

/// The message of the refusal; empty when there is none.
std::string refusal(OperationTable const& table) {
    auto const checked = check_table(table.contents());
    if (checked) return "";
    EXPECT_EQ(checked.error().code, Errc::invalid_argument);
    EXPECT_EQ(checked.error().reason, "operation_invalid");
    return checked.error().message;
}

TEST(Table, TakesWhatIsWellFormed) {
    EXPECT_EQ(refusal(OperationTable()), "");
    EXPECT_EQ(refusal(with(good_info())), "");
    EXPECT_EQ(refusal(with({.name = "notes.get", .access = Access::anyone})), "");
    EXPECT_EQ(refusal(with({.name = "notes.look_up2", .rest = "POST /notes/look-up", .access = Access::signed_in})),
              "");
}

TEST(Table, RefusesMalformedNames) {
    for (auto const* name : {"", ".", "notes", "notes.", ".get", "Notes.get", "notes.Get", "notes.get.all", "notes-get",
                             "no tes.get", "1notes.get", "_notes.get", "notés.get"}) {
        auto info = good_info();
        info.name = name;
        EXPECT_NE(refusal(with(info)).find("a name is"), std::string::npos) << name;
    }
}

TEST(Table, RefusesAMissingHandler) {
    OperationTable::Contents contents = with(good_info()).contents();
    contents.operations.front().handler = nullptr;
    auto const checked = check_table(contents);
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().message.find("has no handler"), std::string::npos);
}

TEST(Table, RefusesMalformedPermissions) {
    for (auto const* permission : {"", "notes", "notes:", ":read", "notes.read", "Notes:read", "notes:read:all"}) {
        auto info = good_info();
        info.permission = permission;
        EXPECT_NE(refusal(with(info)).find("a permission is"), std::string::npos) << permission;
        info = good_info();
        info.also_permissions = {"notes:pin", permission};
        EXPECT_NE(refusal(with(info)).find("also_permissions are"), std::string::npos) << permission;
    }
}

TEST(Table, RefusesAnOtherPermissionWithoutAFirst) {
    auto info = good_info();
    info.or_permission = "notes:write";
    EXPECT_EQ(refusal(with(info)), "");
    info.or_permission = "notes";
    EXPECT_NE(refusal(with(info)).find("or_permission"), std::string::npos);
    info.or_permission = "notes:write";
    info.access = Access::signed_in;
    EXPECT_NE(refusal(with(info)).find("or_permission"), std::string::npos);
}

TEST(Table, RefusesMalformedRoutes) {
    struct Case {
        char const* rest;
        char const* why;
    };
    for (auto const& [rest, why] :
         {Case{"GET", "a method and a path"}, Case{"/notes", "a method and a path"},
          Case{"get /notes", "a method and a path"}, Case{"HEAD /notes", "a method and a path"},
          Case{"GET ", "starts with a slash"}, Case{"GET notes", "starts with a slash"},
          Case{"GET /", "starts with a slash"}, Case{"GET /notes/", "starts with a slash"},
          Case{"GET /notes/{id}", "a parameter"}, Case{"GET /notes/{}", "a parameter"},
          Case{"GET /notes/{word", "a parameter"}, Case{"GET /notes/{word}.json", "a whole segment"},
          Case{"GET /notes/x{word}", "a whole segment"}, Case{"GET /health/live", "belongs to the gateway"},
          Case{"GET /openapi.json", "belongs to the gateway"}, Case{"DELETE /notes", "queries are GET or POST"},
          Case{"PATCH /notes", "queries are GET or POST"}, Case{"PUT /notes", "queries are GET or POST"}}) {
        auto info = good_info();
        info.rest = rest;
        EXPECT_NE(refusal(with(info)).find(why), std::string::npos) << rest << ": " << refusal(with(info));
    }
    auto mutation = good_info();
    mutation.kind = OperationKind::mutation;
    EXPECT_NE(refusal(with(mutation)).find("mutations are not GET"), std::string::npos);
}

TEST(Table, RefusesAnAccountFieldThatIsNoText) {
    for (auto const* field : {"nobody", "number"}) {
        auto info = good_info();
        info.account_field = field;
        EXPECT_NE(refusal(with(info)).find("account_field"), std::string::npos) << field;
    }
}

TEST(Table, RefusesMalformedEvents) {
    for (auto const* name : {"", "created", "note.Created", "note:created"}) {
        auto info = good_info();
        info.emits = {event<Pong>(name)};
        EXPECT_NE(refusal(with(info)).find("an event is"), std::string::npos) << name;
    }
    auto info = good_info();
    info.emits = {{.name = "note.created"}};
    EXPECT_NE(refusal(with(info)).find("with a payload"), std::string::npos);
}

TEST(Table, RefusesWhatIsDeclaredTwice) {
    auto table = with(good_info());
    table.add<Ping, Pong>({.info = {.name = "notes.get", .access = Access::anyone}, .handler = answer});
    EXPECT_NE(refusal(table).find("is declared twice"), std::string::npos);
}

TEST(Table, RefusesAPathThatIsTakenUnderAnotherParameterName) {
    auto table = with(good_info());
    table.add<Ping, Pong>(
        {.info = {.name = "notes.find", .rest = "GET /notes/{number}", .access = Access::anyone}, .handler = answer});
    EXPECT_NE(refusal(table).find("its path is taken"), std::string::npos);

    auto another_method = with(good_info());
    another_method.add<Ping, Pong>(
        {.info = {.name = "notes.find", .rest = "POST /notes/{number}", .access = Access::anyone}, .handler = answer});
    EXPECT_EQ(refusal(another_method), "");
}

TEST(Table, RefusesTwoStructsOfOneName) {
    auto table = with(good_info());
    table.add<Ping, other::Box>({.info = {.name = "boxes.get", .access = Access::anyone},
                                 .handler = [](Call&, Ping const&) -> Reply<other::Box> { return other::Box{}; }});
    EXPECT_NE(refusal(table).find("two different structs have the same name"), std::string::npos);
}

TEST(Table, RefusesHooksThatDoNotFit) {
    auto unknown = with(good_info());
    unknown.before<Ping>("notes.list", [](Call&, Ping&) { return Result<void>(); });
    EXPECT_NE(refusal(unknown).find("a hook names an unknown operation"), std::string::npos);

    auto other_input = with(good_info());
    other_input.before<Pong>("notes.get", [](Call&, Pong&) { return Result<void>(); });
    EXPECT_NE(refusal(other_input).find("a hook has other types"), std::string::npos);

    auto other_output = with(good_info());
    other_output.after<Ping, Ping>("notes.get", [](Call const&, Ping const&, Ping const&) {});
    EXPECT_NE(refusal(other_output).find("a hook has other types"), std::string::npos);

    auto fitting = with(good_info());
    fitting.before<Ping>("notes.get", [](Call&, Ping&) { return Result<void>(); });
    fitting.after<Ping, Pong>("notes.get", [](Call const&, Ping const&, Pong const&) {});
    EXPECT_EQ(refusal(fitting), "");
}

TEST(Table, RefusesMalformedGrants) {
    struct Case {
        char const* role;
        char const* permission;
    };
    for (auto const& [role, permission] : {Case{"", "notes:write"}, Case{"Editor", "notes:write"},
                                           Case{"editor", "notes"}, Case{"editor", "*"}, Case{"editor", ""}}) {
        auto table = with(good_info());
        table.grant(role, permission);
        EXPECT_NE(refusal(table).find("a grant is"), std::string::npos) << role << ' ' << permission;
    }
}

}  // namespace

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

#include "integration/database.hpp"
#include "integration/notes.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using testing::Database;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestBackend;

/// A backend with notes, and what else the test adds.
struct NotesBackend {
    explicit NotesBackend(std::function<void(Config&)> const& adjust = {}) {
        auto config = test.config(nullptr);
        add_notes(config);
        if (adjust) adjust(config);
        backend = Backend::open(config).value();
    }

    Api as(std::string const& role) const {
        return backend.as({.kind = CallerKind::account,
                           .account_id = "acc_" + role,
                           .user_id = "usr_" + role,
                           .organization_id = "org_1",
                           .role = role});
    }
    Result<Note> add(std::string const& role, std::string const& text) const {
        return as(role).call<Note>("notes.add", AddNote{.text = text});
    }

    TestBackend test;
    Backend backend = test.backend;
};

TEST(ApplicationOperations, TakeTheWholeWay) {
    NotesBackend const notes;
    auto const added = notes.add("owner", "hello");
    ASSERT_TRUE(added);
    EXPECT_TRUE(is_id(added->id, "note"));
    auto const listed = notes.as("viewer").call<Page<Note>>("notes.list", ListNotes{});
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->items.size(), 1U);
    EXPECT_EQ(listed->items[0].text, "hello");
    Database const database(notes.test);
    auto const rows = database.audit("notes.add");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].target, added->id);
    EXPECT_EQ(rows[0].actor_id, "acc_owner");
    EXPECT_THAT(database.rows<std::string>("SELECT event FROM outbox_events"), ElementsAre("note.added"));
}

TEST(ApplicationOperations, AreOfferedAsJson) {
    NotesBackend const notes;
    auto const added =
        notes.as("owner").invoke("notes.add", Json::parse(R"({"text":"hello","stars":3})").value()).value();
    EXPECT_EQ(*added.find("text")->if_string(), "hello");
    EXPECT_EQ(*added.find("stars")->if_integer(), 3);
    auto const response = notes.backend.gateway().handle({.method = "GET", .target = "/notes"});
    EXPECT_EQ(response.status, 401);
    bool found = false;
    for (auto const& info : notes.backend.operations()) found = found || info.name == "notes.add";
    EXPECT_TRUE(found);
}

TEST(ApplicationOperations, ValidateTypedCallsAsTheyDoJson) {
    NotesBackend const notes;
    auto const typed = notes.as("owner").call<Note>("notes.add", AddNote{.text = std::string(41, 'x'), .stars = 6});
    auto const json = notes.as("owner").invoke(
        "notes.add", Json::parse("{\"text\":\"" + std::string(41, 'x') + "\",\"stars\":6}").value());
    ASSERT_FALSE(typed);
    ASSERT_FALSE(json);
    EXPECT_EQ(typed.error(), json.error());
    EXPECT_EQ(typed.error().violations.size(), 2U);
}

TEST(ApplicationOperations, AreRefusedWithOtherStructsOrNames) {
    NotesBackend const notes;
    auto const other_output = notes.as("owner").call<User>("notes.add", AddNote{.text = "hello"});
    EXPECT_EQ(other_output.error().code, Errc::invalid_argument);
    EXPECT_EQ(other_output.error().reason, "type_mismatch");
    EXPECT_EQ(notes.as("owner").call<Note>("notes.add", ListNotes{}).error().reason, "type_mismatch");
    for (auto const* name : {"notes.burn", "", "notes", "../notes.add"}) {
        EXPECT_EQ(notes.as("owner").call<Note>(name, AddNote{.text = "hello"}).error().code, Errc::unimplemented);
        EXPECT_EQ(notes.as("owner").invoke(name, Json(Json::Object{})).error().reason, "operation_unknown");
    }
}

TEST(ApplicationOperations, AreGrantedToRolesBuiltInAndOwn) {
    NotesBackend const plain;
    EXPECT_EQ(plain.add("member", "hello").error().code, Errc::permission_denied);
    EXPECT_EQ(plain.add("editor", "hello").error().code, Errc::permission_denied);
    NotesBackend const granting(
        [](Config& config) { config.operations.grant("member", "notes:write").grant("editor", "notes:write"); });
    EXPECT_TRUE(granting.add("member", "hello"));
    EXPECT_TRUE(granting.add("editor", "hello"));
    EXPECT_EQ(granting.add("viewer", "hello").error().code, Errc::permission_denied);
    EXPECT_FALSE(granting.as("editor").call<Page<Note>>("notes.list", ListNotes{}))
        << "a role of one's own has no more";
    EXPECT_FALSE(granting.as("editor").users().create({.email = "x@example.com"}));
}

TEST(ApplicationOperations, RollBackForAnUndeclaredEvent) {
    NotesBackend const notes;
    auto const refused = notes.add("owner", "undeclared");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::internal);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("note.burned")));
    EXPECT_TRUE(notes.test.log->contains("note.burned"));
    Database const database(notes.test);
    for (auto const* table : {"notes", "audit_entries", "outbox_events"}) EXPECT_EQ(database.count(table), 0) << table;
}

TEST(ApplicationOperations, RepeatWithAnIdempotencyKey) {
    NotesBackend const notes;
    auto const api = notes.as("owner").with({.idempotency_key = "key"});
    auto const first = api.call<Note>("notes.add", AddNote{.text = "hello"}).value();
    auto const typed = api.call<Note>("notes.add", AddNote{.text = "hello"}).value();
    auto const json = api.invoke("notes.add", Json::parse(R"({"text":"hello"})").value()).value();
    EXPECT_EQ(typed.id, first.id);
    EXPECT_EQ(*json.find("id")->if_string(), first.id) << "whichever door the repeat came through";
    EXPECT_EQ(api.call<Note>("notes.add", AddNote{.text = "bye"}).error().reason, "idempotency_key_reused");
    EXPECT_EQ(Database(notes.test).count("notes"), 1);
}

TEST(ApplicationHooks, RunAroundOurOwnOperations) {
    std::vector<std::string> joined;
    NotesBackend const notes([&](Config& config) {
        config.operations.before<CreateUser>("users.create", [](Call& call, CreateUser& input) -> Result<void> {
            if (input.email.ends_with("@rival.example")) {
                return Error{Errc::failed_precondition, "domain_refused", "not from there"};
            }
            if (input.name.empty()) input.name = "Guest of " + call.organization_id();
            if (input.name == "too long") input.name = std::string(201, 'x');
            return {};
        });
        config.operations.after<CreateUser, User>(
            "users.create",
            [&](Call const&, CreateUser const&, User const& user) { joined.push_back(user.email + ' ' + user.name); });
    });
    auto const users = notes.backend.as_system("acme").users();
    EXPECT_EQ(users.create({.email = "a@rival.example"}).error().reason, "domain_refused");
    EXPECT_EQ(users.create({.email = "a@example.com", .name = "too long"}).error().reason, "validation_failed");
    EXPECT_TRUE(users.create({.email = "a@example.com", .name = "Ada"}));
    EXPECT_TRUE(users.create({.email = "b@example.com"})->name.starts_with("Guest of org_"));
    EXPECT_FALSE(users.create({.email = "a@example.com"}));
    ASSERT_EQ(joined.size(), 2U);
    EXPECT_EQ(joined[0], "a@example.com Ada");
}

TEST(ApplicationHooks, ThatThrowAreNotSeenByTheCaller) {
    NotesBackend const notes([](Config& config) {
        config.operations.before<GetMe>("users.me", [](Call&, GetMe&) -> Result<void> {
            throw std::runtime_error("the detail that only the log may show");
        });
    });
    auto const refused = notes.as("owner").users().me();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::internal);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("detail that only")));
    EXPECT_TRUE(notes.test.log->contains("the detail that only the log may show"));
}

TEST(ApplicationTables, OfBadFormAreRefused) {
    TestBackend const test;
    auto const answer = [](Call&, AddNote const&) -> Reply<Note> { return Note{}; };
    struct Case {
        char const* why;
        std::function<void(OperationTable&)> add;
    };
    for (auto const& [why, add] :
         {Case{"a name is",
               [&](OperationTable& table) {
                   table.add<AddNote, Note>({.info = {.name = "Notes", .access = Access::anyone}, .handler = answer});
               }},
          Case{"is declared twice",
               [&](OperationTable& table) {
                   table.add<AddNote, Note>(
                       {.info = {.name = "users.get", .access = Access::anyone}, .handler = answer});
               }},
          Case{"its path is taken",
               [&](OperationTable& table) {
                   table.add<AddNote, Note>(
                       {.info = {.name = "notes.get", .rest = "GET /users/{text}", .access = Access::anyone},
                        .handler = answer});
               }},
          Case{"a permission is",
               [&](OperationTable& table) {
                   table.add<AddNote, Note>({.info = {.name = "notes.get", .permission = "all"}, .handler = answer});
               }},
          Case{"a hook names an unknown operation",
               [&](OperationTable& table) {
                   table.before<AddNote>("notes.get", [](Call&, AddNote&) { return Result<void>(); });
               }},
          Case{"a hook has other types",
               [&](OperationTable& table) {
                   table.before<AddNote>("users.get", [](Call&, AddNote&) { return Result<void>(); });
               }},
          Case{"a grant is", [](OperationTable& table) { table.grant("editor", "everything"); }}}) {
        auto config = test.config(nullptr);
        add(config.operations);
        auto const opened = Backend::open(config);
        ASSERT_FALSE(opened) << why;
        EXPECT_EQ(opened.error().code, Errc::invalid_argument);
        EXPECT_EQ(opened.error().reason, "operation_invalid");
        EXPECT_THAT(opened.error().message, HasSubstr(why));
    }
}

TEST(ApplicationMigrations, ThatAreWrongAreRefused) {
    TestBackend const test;
    struct Case {
        std::vector<Migration> migrations;
        char const* reason;
    };
    for (auto const& [migrations, reason] :
         {Case{{{.owner = "nexpo/user", .number = 2, .name = "more", .sql = "SELECT 1;"}}, "migration_invalid"},
          Case{{{.owner = "notes", .number = 2, .name = "more", .sql = "SELECT 1;"}}, "migration_invalid"},
          Case{{{.owner = "", .number = 1, .name = "more", .sql = "SELECT 1;"}}, "migration_invalid"},
          Case{{{.owner = "notes", .number = 1, .name = "one", .sql = "CREATE TABLE notes (id {{id}});"},
                {.owner = "notes", .number = 2, .name = "broken", .sql = "CREATE NONSENSE;"}},
               "sql_failed"}}) {
        auto config = test.config(nullptr);
        config.migrations = migrations;
        auto const opened = Backend::open(config);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().reason, reason);
    }
    EXPECT_EQ(Database(test)
                  .rows<std::int64_t>("SELECT count(*) FROM {{sqlite sqlite_schema WHERE name}}{{postgresql pg_tables "
                                      "WHERE tablename}} = 'notes'")
                  .at(0),
              0)
        << "all or nothing";
}

}  // namespace

}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "unit/operation/test_pipeline.hpp"

namespace nexpo::operation {

namespace {

/// What the list operations do with a cursor; the test sets it before each call.
struct CursorJob {
    std::optional<std::string> cursor{};  ///< Absent: make one.
    std::string position{};
    std::string filter{};
};

struct Cursors {
    Cursors() : test(table(job)) {}

    std::string make(Caller caller, std::string position, std::string filter) {
        job = {.position = std::move(position), .filter = std::move(filter)};
        return pong(test.run("notes.list", test.request(std::move(caller), {.word = "x"}))).word;
    }
    Result<std::string> open(std::string_view operation, Caller caller, std::string cursor, std::string filter) {
        job = {.cursor = std::move(cursor), .filter = std::move(filter)};
        auto outcome = test.run(operation, test.request(std::move(caller), {.word = "x"}));
        if (!outcome.result) return std::move(outcome.result).error();
        return pong(outcome).word;
    }

    static OperationTable table(CursorJob const& job) {
        OperationTable table;
        for (auto const* name : {"notes.list", "tasks.list"}) {
            table.add<Ping, Pong>({.info = {.name = name, .permission = "notes:read"},
                                   .handler = [&job](Call& call, Ping const&) -> Reply<Pong> {
                                       if (!job.cursor) return Pong{.word = call.make_cursor(job.position, job.filter)};
                                       auto opened = call.open_cursor(*job.cursor, job.filter);
                                       if (!opened) return std::move(opened).error();
                                       return Pong{.word = std::move(*opened)};
                                   }});
        }
        return table;
    }

    CursorJob job;
    TestPipeline test;
};

TEST(Cursors, OpenWhereTheyWereMade) {
    Cursors cursors;
    auto const caller = FakeIdentifier::caller("member");
    for (std::string const position : {"usr_1", "", "with \"quotes\"\nand lines"}) {
        auto const cursor = cursors.make(caller, position, "member");
        EXPECT_EQ(cursors.open("notes.list", caller, cursor, "member").value(), position);
    }
}

TEST(Cursors, ShowNothing) {
    Cursors cursors;
    auto const caller = FakeIdentifier::caller("member");
    auto const cursor = cursors.make(caller, "a position that is long enough", "");
    EXPECT_EQ(cursor.find("position"), std::string::npos);
    EXPECT_NE(cursor, cursors.make(caller, "a position that is long enough", ""));
}

TEST(Cursors, OpenNowhereElse) {
    Cursors cursors;
    auto const caller = FakeIdentifier::caller("member");
    auto const cursor = cursors.make(caller, "usr_1", "member");
    auto other_organization = caller;
    other_organization.organization_id = "org_2";
    auto other_account = caller;
    other_account.account_id = "acc_other";
    struct Case {
        char const* operation;
        Caller caller;
        std::string cursor;
        std::string filter;
    };
    auto damaged = cursor;
    damaged[damaged.size() / 2] = damaged[damaged.size() / 2] == 'A' ? 'B' : 'A';
    for (auto const& [operation, by, text, filter] :
         {Case{"tasks.list", caller, cursor, "member"}, Case{"notes.list", other_organization, cursor, "member"},
          Case{"notes.list", other_account, cursor, "member"}, Case{"notes.list", caller, cursor, "viewer"},
          Case{"notes.list", caller, cursor, ""}, Case{"notes.list", caller, damaged, "member"},
          Case{"notes.list", caller, cursor.substr(0, 20), "member"}, Case{"notes.list", caller, "", "member"},
          Case{"notes.list", caller, "no base64!", "member"}, Case{"notes.list", caller, cursor + "A", "member"},
          Case{"notes.list", caller, "usr_1", "member"}}) {
        auto const opened = cursors.open(operation, by, text, filter);
        ASSERT_FALSE(opened) << text;
        EXPECT_EQ(opened.error().code, Errc::invalid_argument);
        EXPECT_EQ(opened.error().reason, "cursor_invalid");
        ASSERT_EQ(opened.error().violations.size(), 1U);
        EXPECT_EQ(opened.error().violations[0].field, "/cursor");
    }
}

}  // namespace

}  // namespace nexpo::operation

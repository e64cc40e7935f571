// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/operation/test_pipeline.hpp"

namespace nexpo::operation {

namespace {

using ::testing::ElementsAre;

OperationTable notes_table() {
    OperationTable table;
    table.add<Ping, Pong>(note_operation({.name = "notes.add", .permission = "notes:write"}));
    return table;
}

TEST(Hooks, BeforeMayChangeTheInput) {
    auto table = notes_table();
    table.before<Ping>("notes.add", [](Call&, Ping& input) {
        input.word += "!";
        return Result<void>();
    });
    table.before<Ping>("notes.add", [](Call&, Ping& input) {
        input.word += "?";
        return Result<void>();
    });
    TestPipeline test(table);
    EXPECT_EQ(pong(test.call("notes.add", "owner", {.word = "hello"})).word, "hello!?");
}

TEST(Hooks, WhatBeforeChangesIsCheckedAgain) {
    auto table = notes_table();
    table.before<Ping>("notes.add", [](Call&, Ping& input) {
        input.number = 1'000;
        return Result<void>();
    });
    bool second_ran = false;
    table.before<Ping>("notes.add", [&](Call&, Ping&) {
        second_ran = true;
        return Result<void>();
    });
    TestPipeline test(table);
    auto const outcome = test.call("notes.add", "owner", {.word = "hello"});
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().reason, "validation_failed");
    EXPECT_EQ(outcome.result.error().violations.at(0).field, "/number");
    EXPECT_FALSE(second_ran);
    EXPECT_EQ(test.count("notes"), 0);
}

TEST(Hooks, BeforeMayRefuse) {
    auto table = notes_table();
    table.before<Ping>("notes.add", [](Call& call, Ping&) -> Result<void> {
        if (call.caller().role != "owner") return Error{Errc::failed_precondition, "quota_used", "no more notes"};
        return {};
    });
    TestPipeline test(table);
    EXPECT_EQ(test.call("notes.add", "admin", {.word = "hello"}).result.error().reason, "quota_used");
    EXPECT_TRUE(test.call("notes.add", "owner", {.word = "hello"}).result);
    EXPECT_EQ(test.count("notes"), 1);
    EXPECT_EQ(test.audit().size(), 1U);
}

TEST(Hooks, AfterSeesWhatIsCommittedOnce) {
    std::vector<std::string> seen;
    TestPipeline* running = nullptr;
    auto table = notes_table();
    table.after<Ping, Pong>("notes.add", [&](Call const& call, Ping const& input, Pong const& output) {
        // Another connection sees the note.
        seen.push_back(input.word + ' ' + std::to_string(output.count) + ' ' + std::to_string(running->count("notes")) +
                       ' ' + call.caller().role);
    });
    TestPipeline test(table);
    running = &test;
    EXPECT_TRUE(test.call("notes.add", "owner", {.word = "hello"}).result);
    EXPECT_THAT(seen, ElementsAre("hello 1 1 owner"));
}

TEST(Hooks, AfterDoesNotRunForFailures) {
    int runs = 0;
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "notes.add", .kind = OperationKind::mutation, .permission = "notes:write"},
                           .handler = [](Call& call, Ping const&) -> Reply<Pong> {
                               return call.write([](Transaction&) -> Result<Pong> {
                                   return Error{Errc::already_exists, "note_taken", "there is such a note"};
                               });
                           }});
    table.after<Ping, Pong>("notes.add", [&](Call const&, Ping const&, Pong const&) { ++runs; });
    TestPipeline test(table);
    EXPECT_FALSE(test.call("notes.add", "owner", {.word = "hello"}).result);
    EXPECT_FALSE(test.call("notes.add", "viewer", {.word = "hello"}).result);
    EXPECT_EQ(runs, 0);
}

TEST(Hooks, AfterDoesNotRunAgainForARepeat) {
    int runs = 0;
    auto table = notes_table();
    table.after<Ping, Pong>("notes.add", [&](Call const&, Ping const&, Pong const&) { ++runs; });
    TestPipeline test(table);
    for (bool const replayed : {false, true}) {
        auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
        request.options.idempotency_key = "key";
        auto const outcome = test.run("notes.add", std::move(request));
        ASSERT_TRUE(outcome.result);
        EXPECT_EQ(outcome.replayed, replayed);
    }
    EXPECT_EQ(runs, 1);
}

TEST(Hooks, OfAQueryRunToo) {
    std::vector<std::string> steps;
    OperationTable table;
    table.add<Ping, Pong>(
        {.info = {.name = "notes.get", .permission = "notes:read"},
         .handler = [](Call&, Ping const& input) -> Reply<Pong> { return Pong{.word = input.word}; }});
    table.before<Ping>("notes.get", [&](Call&, Ping&) {
        steps.push_back("before");
        return Result<void>();
    });
    table.after<Ping, Pong>(
        "notes.get", [&](Call const&, Ping const&, Pong const& output) { steps.push_back("after " + output.word); });
    TestPipeline test(table);
    EXPECT_TRUE(test.call("notes.get", "viewer", {.word = "hello"}).result);
    EXPECT_THAT(steps, ElementsAre("before", "after hello"));
}

TEST(Hooks, AfterMayCallBackIntoThePipeline) {
    TestPipeline* running = nullptr;
    auto table = notes_table();
    table.add<Ping, Pong>(note_operation({.name = "notes.log", .permission = "notes:write"}));
    table.after<Ping, Pong>("notes.add", [&](Call const&, Ping const&, Pong const&) {
        EXPECT_TRUE(running->call_as_system("notes.log", {.word = "logged"}).result);
    });
    TestPipeline test(table);
    running = &test;
    EXPECT_TRUE(test.call("notes.add", "owner", {.word = "hello"}).result);
    EXPECT_EQ(test.count("notes"), 2);
}

}  // namespace

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "unit/operation/test_pipeline.hpp"

namespace nexpo::operation {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// `notes.count`, a query, and `notes.add`, a mutation, which report their steps.
OperationTable reporting_table(Steps& steps) {
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "notes.count", .permission = "notes:read"},
                           .handler = [&steps](Call&, Ping const& input) -> Reply<Pong> {
                               steps.add("handler");
                               return Pong{.word = input.word};
                           }});
    table.add<Ping, Pong>({.info = {.name = "notes.add", .kind = OperationKind::mutation, .permission = "notes:write"},
                           .handler = [&steps](Call& call, Ping const& input) -> Reply<Pong> {
                               steps.add("handler");
                               return call.write([&steps, &input](Transaction& tx) {
                                   steps.add("closure");
                                   tx.after_commit([&steps] { steps.add("after commit"); });
                                   return insert_note(tx, input);
                               });
                           }});
    table.before<Ping>("notes.add", [&steps](Call&, Ping&) {
        steps.add("before");
        return Result<void>();
    });
    table.after<Ping, Pong>("notes.add", [&steps](Call const&, Ping const&, Pong const&) { steps.add("after"); });
    return table;
}

TEST(PipelineOrder, IsTheSameForEveryCall) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
    request.decode = [&, decode = request.decode](StructType const& type) {
        steps.add("decode");
        return decode(type);
    };
    auto const outcome = test.run("notes.add", std::move(request));
    ASSERT_TRUE(outcome.result);
    EXPECT_EQ(pong(outcome).word, "hello");
    EXPECT_THAT(steps.take(), ElementsAre("decode", "before", "handler", "closure", "after commit", "after"));
    EXPECT_THAT(test.steps.take(), ElementsAre("identify", "decode"));
    EXPECT_EQ(outcome.caller, FakeIdentifier::caller("owner"));
}

TEST(PipelineOrder, IdentifyingEndsWithTheCall) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    std::stop_source stop;
    auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
    request.options.timeout = std::chrono::milliseconds(700);
    request.options.stop = stop.get_token();
    ASSERT_TRUE(test.run("notes.add", std::move(request)).result);
    EXPECT_EQ(test.identifier.given().deadline, test.clock->steady_now() + std::chrono::milliseconds(700));
    EXPECT_EQ(test.identifier.given().stop, stop.get_token());
}

TEST(PipelineOrder, ADeniedCallerNeverReachesDecode) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    auto const outcome = test.call("notes.add", "viewer", {.word = "hello"});
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, Errc::permission_denied);
    EXPECT_THAT(test.steps.take(), ElementsAre("identify"));
    EXPECT_THAT(steps.take(), IsEmpty());
}

TEST(PipelineOrder, AnUnknownCallerNeverReachesDecode) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    auto const forged = test.call("notes.add", "forged", {.word = "hello"});
    EXPECT_EQ(forged.result.error().reason, "token_invalid");
    auto const down = test.call("notes.add", "down", {.word = "hello"});
    EXPECT_EQ(down.result.error().code, Errc::unavailable);
    auto const nobody = test.run("notes.add", test.request(Caller{}, {.word = "hello"}));
    EXPECT_EQ(nobody.result.error().code, Errc::unauthenticated);
    EXPECT_EQ(nobody.result.error().reason, "sign_in_required");
    EXPECT_THAT(test.steps.take(), ElementsAre("identify", "identify"));
    EXPECT_THAT(steps.take(), IsEmpty());
}

TEST(PipelineOrder, WhatCannotBeDecodedNeverReachesTheHooks) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    auto request = test.request(BearerToken{"owner"}, {});
    request.decode = [](StructType const&) -> Result<std::shared_ptr<void>> {
        return Error{Errc::invalid_argument, "json_malformed", "that is no JSON"};
    };
    auto const outcome = test.run("notes.add", std::move(request));
    EXPECT_EQ(outcome.result.error().reason, "json_malformed");
    EXPECT_THAT(steps.take(), IsEmpty());
}

TEST(PipelineOrder, EveryInputIsValidated) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    auto const outcome = test.call("notes.add", "owner", {.word = "", .number = 101});
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().reason, "validation_failed");
    std::vector<std::string> fields;
    for (auto const& violation : outcome.result.error().violations) fields.push_back(violation.field);
    EXPECT_THAT(fields, ElementsAre("/word", "/number"));
    EXPECT_THAT(steps.take(), IsEmpty());
}

struct AccessCase {
    Access access;
    bool anonymous;
    bool viewer;
    bool member;
    bool system;
};

TEST(PipelineOrder, AccessDecidesWhoMayCall) {
    for (auto const& [access, anonymous, viewer, member, system] :
         {AccessCase{Access::anyone, true, true, true, true}, AccessCase{Access::signed_in, false, true, true, true},
          AccessCase{Access::permission, false, false, true, true},
          AccessCase{Access::system, false, false, false, true}}) {
        OperationTable table;
        table.add<Ping, Pong>({.info = {.name = "notes.count", .access = access, .permission = "profile:write"},
                               .handler = [](Call&, Ping const&) -> Reply<Pong> { return Pong{}; }});
        TestPipeline test(table);
        auto const name = static_cast<int>(access);
        auto const nobody = test.run("notes.count", test.request(Caller{}, {.word = "hello"}));
        EXPECT_EQ(nobody.result.has_value(), anonymous) << name;
        EXPECT_EQ(test.call("notes.count", "viewer", {.word = "hello"}).result.has_value(), viewer) << name;
        EXPECT_EQ(test.call("notes.count", "member", {.word = "hello"}).result.has_value(), member) << name;
        EXPECT_EQ(test.call_as_system("notes.count", {.word = "hello"}).result.has_value(), system) << name;
    }
}

TEST(PipelineOrder, AStaleTokenDoesNotKeepAnybodyFromSigningIn) {
    OperationTable table;
    table.add<Ping, Pong>(
        {.info = {.name = "notes.count", .access = Access::anyone},
         .handler = [](Call& call, Ping const&) -> Reply<Pong> { return Pong{.word = call.caller().role}; }});
    TestPipeline test(table);
    auto const stale = test.call("notes.count", "forged", {.word = "hello"});
    ASSERT_TRUE(stale.result);
    EXPECT_EQ(stale.caller.kind, CallerKind::anonymous);
    EXPECT_EQ(pong(test.call("notes.count", "member", {.word = "hello"})).word, "member");
    EXPECT_EQ(test.call("notes.count", "down", {.word = "hello"}).result.error().code, Errc::unavailable);
}

TEST(PipelineOrder, TheSystemWorksInTheOrganizationItNames) {
    OperationTable table;
    table.add<Ping, Pong>(
        {.info = {.name = "notes.count", .permission = "notes:read"},
         .handler = [](Call& call, Ping const&) -> Reply<Pong> { return Pong{.word = call.organization_id()}; }});
    TestPipeline test(table);
    auto const outcome = test.call_as_system("notes.count", {.word = "hello"});
    EXPECT_EQ(pong(outcome).word, "org_acme");
    EXPECT_EQ(outcome.caller.kind, CallerKind::system);
}

TEST(PipelineOrder, AMissingOrganizationIsCreatedByMutationsOnlyAndOnlyIfConfigured) {
    for (bool const create : {true, false}) {
        Steps steps;
        TestPipeline test(reporting_table(steps), {.create_organizations = create});
        auto const read = test.run("notes.count", test.request(SystemIn{"new"}, {.word = "hello"}));
        EXPECT_EQ(read.result.error().reason, "organization_not_found");
        EXPECT_FALSE(test.organizations.knows("new"));
        auto const written = test.run("notes.add", test.request(SystemIn{"new"}, {.word = "hello"}));
        EXPECT_EQ(written.result.has_value(), create);
        EXPECT_EQ(test.organizations.knows("new"), create);
        if (!create) {
            EXPECT_EQ(written.result.error().code, Errc::not_found);
        }
    }
}

TEST(PipelineOrder, TheSystemsOwnOperationsAlwaysCreateTheOrganization) {
    OperationTable table;
    table.add<Ping, Pong>(note_operation({.name = "notes.add", .access = Access::system}));
    TestPipeline test(table, {.create_organizations = false});
    EXPECT_TRUE(test.run("notes.add", test.request(SystemIn{"new"}, {.word = "hello"})).result);
    EXPECT_TRUE(test.organizations.knows("new"));
}

TEST(PipelineOrder, ABadInputCreatesNoOrganization) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    auto const refused = test.run("notes.add", test.request(SystemIn{"new"}, {.word = ""}));
    EXPECT_EQ(refused.result.error().reason, "validation_failed");
    EXPECT_FALSE(test.organizations.knows("new"));
}

TEST(PipelineOrder, SigningInCreatesNoOrganization) {
    OperationTable table;
    table.add<Ping, Pong>(note_operation({.name = "login.try", .access = Access::anyone, .credentials = true}));
    TestPipeline test(table);
    auto const refused = test.run("login.try", test.request(SystemIn{"new"}, {.word = "hello"}));
    EXPECT_EQ(refused.result.error().reason, "organization_not_found");
    EXPECT_FALSE(test.organizations.knows("new"));
}

TEST(PipelineOrder, AStoppedCallCreatesNoOrganization) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    std::stop_source stop;
    stop.request_stop();
    auto request = test.request(SystemIn{"new"}, {.word = "hello"});
    request.options.stop = stop.get_token();
    EXPECT_EQ(test.run("notes.add", std::move(request)).result.error().code, Errc::cancelled);
    EXPECT_FALSE(test.organizations.knows("new"));
}

TEST(PipelineOrder, KeepsGoodRequestIdsAndReplacesOthers) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    struct Case {
        std::string given;
        bool kept;
    };
    for (auto const& [given, kept] : {Case{"req-1", true}, Case{"", false}, Case{"a b", false}, Case{"a\r\nb", false},
                                      Case{std::string(129, 'a'), false}}) {
        auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
        request.request_id = given;
        auto const outcome = test.run("notes.count", std::move(request));
        EXPECT_EQ(outcome.request_id == given, kept) << given;
        EXPECT_FALSE(outcome.request_id.empty());
    }
}

TEST(PipelineOrder, ContinuesTheClientsTrace) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    std::string const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
    request.traceparent = trace;
    auto const outcome = test.run("notes.count", std::move(request));
    EXPECT_EQ(outcome.traceparent.substr(0, 36), trace.substr(0, 36));
    EXPECT_NE(outcome.traceparent, trace);
    EXPECT_EQ(test.call("notes.count", "owner", {.word = "hello"}).traceparent.size(), trace.size());
}

TEST(PipelineOrder, CountsEveryOutcome) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    EXPECT_TRUE(test.call("notes.count", "owner", {.word = "hello"}).result);
    EXPECT_FALSE(test.call("notes.count", "forged", {.word = "hello"}).result);
    EXPECT_FALSE(test.call("notes.count", "owner", {}).result);
    auto const text = test.metrics.prometheus();
    for (auto const* code : {"ok", "unauthenticated", "invalid_argument"}) {
        EXPECT_THAT(text,
                    HasSubstr("nexpo_calls_total{code=\"" + std::string(code) + "\",operation=\"notes.count\"} 1"));
    }
    EXPECT_THAT(text, HasSubstr("nexpo_call_seconds_count{operation=\"notes.count\"} 3"));
}

TEST(PipelineOrder, FindsOperationsByName) {
    Steps steps;
    TestPipeline test(reporting_table(steps));
    EXPECT_EQ(test.pipeline.operations().size(), 2U);
    EXPECT_EQ(test.pipeline.find("notes.add"), &test.pipeline.operations()[1]);
    EXPECT_EQ(test.pipeline.find("notes.remove"), nullptr);
    EXPECT_TRUE(test.pipeline.find("notes.add")->info.may_block) << "hooks may wait for anything";
    EXPECT_EQ(test.pipeline.find("notes.count")->info.may_block, testing::on_postgresql());
}

TEST(PipelineOrder, ClosingWaitsForRunningCallsAndRefusesNewOnes) {
    std::promise<void> entered;
    std::promise<void> release;
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "notes.wait", .kind = OperationKind::mutation, .permission = "notes:write"},
                           .handler = [&](Call& call, Ping const& input) -> Reply<Pong> {
                               entered.set_value();
                               release.get_future().wait();
                               return call.write([&input](Transaction& tx) { return insert_note(tx, input); });
                           }});
    table.add<Ping, Pong>({.info = {.name = "notes.count", .permission = "notes:read"},
                           .handler = [](Call&, Ping const&) -> Reply<Pong> { return Pong{}; }});
    TestPipeline test(table);
    auto running = std::async(std::launch::async, [&] { return test.call_as_system("notes.wait", {.word = "hello"}); });
    entered.get_future().wait();
    auto closing = std::async(std::launch::async, [&] { test.pipeline.close(); });
    while (test.call_as_system("notes.count", {.word = "hello"}).result) std::this_thread::yield();
    auto const refused = test.call_as_system("notes.count", {.word = "hello"});
    EXPECT_EQ(refused.result.error().code, Errc::unavailable);
    EXPECT_EQ(refused.result.error().reason, "closed");
    release.set_value();
    closing.get();
    EXPECT_TRUE(running.get().result);
    EXPECT_EQ(test.count("notes"), 1);
    test.pipeline.close();
}

}  // namespace

}  // namespace nexpo::operation

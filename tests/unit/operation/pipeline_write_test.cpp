// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "operation/outbox.hpp"
#include "unit/operation/test_pipeline.hpp"

namespace nexpo::operation {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Closure = std::function<Result<Pong>(Call&, Ping const&, Transaction&)>;

/// `notes.add`, whose closure is given.
OperationTable writing_table(Closure closure, std::vector<EventType> emits = {}) {
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "notes.add",
                                    .kind = OperationKind::mutation,
                                    .permission = "notes:write",
                                    .emits = std::move(emits)},
                           .handler = [closure = std::move(closure)](Call& call, Ping const& input) -> Reply<Pong> {
                               return call.write([closure, &call, &input](Transaction& tx) -> Result<Pong> {
                                   return closure(call, input, tx);
                               });
                           }});
    return table;
}

TEST(PipelineWrites, LeaveAnAuditRow) {
    TestPipeline test(writing_table([](Call&, Ping const& input, Transaction& tx) {
        tx.audit_target("note_1");
        return insert_note(tx, input);
    }));
    auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
    request.address = "192.0.2.1";
    request.request_id = "req-1";
    ASSERT_TRUE(test.run("notes.add", std::move(request)).result);
    ASSERT_TRUE(test.call_as_system("notes.add", {.word = "hello"}).result);

    auto const rows = test.audit();
    ASSERT_EQ(rows.size(), 2U);
    auto const& row = rows[0].actor_kind == "account" ? rows[0] : rows[1];
    EXPECT_EQ(row.organization_id, "org_1");
    EXPECT_EQ(row.at, test.clock->now());
    EXPECT_EQ(row.actor_kind, "account");
    EXPECT_EQ(row.actor_id, "acc_owner");
    EXPECT_EQ(row.operation, "notes.add");
    EXPECT_EQ(row.target, "note_1");
    EXPECT_EQ(row.outcome, "ok");
    EXPECT_EQ(row.request_id, "req-1");
    EXPECT_EQ(row.address, "192.0.2.1");
    auto const& system = rows[0].actor_kind == "account" ? rows[1] : rows[0];
    EXPECT_EQ(system.actor_kind, "system");
    EXPECT_EQ(system.actor_id, "");
    EXPECT_EQ(system.organization_id, "org_acme");
}

TEST(PipelineWrites, NameTheOrganizationOfTheAuditRowThemselvesIfNeeded) {
    TestPipeline test(writing_table(
        [](Call&, Ping const& input, Transaction& tx) {
            tx.audit_organization("org_other");
            tx.emit("note.added", Pong{.word = input.word});
            return insert_note(tx, input);
        },
        {event<Pong>("note.added")}));
    ASSERT_TRUE(test.call("notes.add", "owner", {.word = "hello"}).result);
    EXPECT_EQ(test.audit().at(0).organization_id, "org_other");
    EXPECT_EQ(test.events().at(0).organization_id, "org_other");
}

TEST(PipelineWrites, ThatFailLeaveNothing) {
    TestPipeline test(writing_table(
        [](Call&, Ping const& input, Transaction& tx) -> Result<Pong> {
            insert_note(tx, input).value();
            tx.emit("note.added", Pong{});
            tx.after_commit([] { FAIL() << "nothing was committed"; });
            return Error{Errc::already_exists, "note_taken", "there is such a note"};
        },
        {event<Pong>("note.added")}));
    EXPECT_EQ(test.call("notes.add", "owner", {.word = "hello"}).result.error().reason, "note_taken");
    EXPECT_EQ(test.count("notes"), 0);
    EXPECT_EQ(test.count("audit_entries"), 0);
    EXPECT_EQ(test.count("outbox_events"), 0);
}

TEST(PipelineWrites, ThatRefuseCommitTheirTrace) {
    TestPipeline test(writing_table([](Call&, Ping const& input, Transaction& tx) -> Result<Pong> {
        insert_note(tx, input).value();
        tx.audit_target("note_1");
        return tx.refuse({Errc::unauthenticated, "code_wrong", "the code is wrong"});
    }));
    auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
    request.options.idempotency_key = "key";
    auto const outcome = test.run("notes.add", std::move(request));
    EXPECT_EQ(outcome.result.error().reason, "code_wrong");
    EXPECT_EQ(test.count("notes"), 1);
    ASSERT_EQ(test.audit().size(), 1U);
    EXPECT_EQ(test.audit()[0].outcome, "code_wrong");
    EXPECT_EQ(test.audit()[0].target, "note_1");
    EXPECT_EQ(test.count("idempotency_records"), 0);
}

TEST(PipelineWrites, ThatThrowAfterRefusingLeaveNothing) {
    TestPipeline test(writing_table([](Call&, Ping const& input, Transaction& tx) -> Result<Pong> {
        insert_note(tx, input).value();
        auto const error = tx.refuse({Errc::unauthenticated, "code_wrong", "the code is wrong"});
        throw std::runtime_error(error.message);
    }));
    EXPECT_EQ(test.call("notes.add", "owner", {.word = "hello"}).result.error().code, Errc::internal);
    EXPECT_EQ(test.count("notes"), 0);
    EXPECT_EQ(test.count("audit_entries"), 0);
}

TEST(PipelineWrites, ThatRefuseAndThenFailOtherwiseLeaveNothing) {
    TestPipeline test(writing_table([](Call&, Ping const& input, Transaction& tx) -> Result<Pong> {
        insert_note(tx, input).value();
        static_cast<void>(tx.refuse({Errc::unauthenticated, "code_wrong", "the code is wrong"}));
        return Error{Errc::unavailable, "later", "come back later"};
    }));
    EXPECT_EQ(test.call("notes.add", "owner", {.word = "hello"}).result.error().reason, "later");
    EXPECT_EQ(test.count("notes"), 0);
    EXPECT_EQ(test.count("audit_entries"), 0);
}

TEST(PipelineWrites, CommitDeclaredEvents) {
    TestPipeline test(writing_table(
        [](Call&, Ping const& input, Transaction& tx) {
            tx.emit("note.added", Pong{.word = input.word, .count = 1});
            tx.emit("note.added", Pong{.word = input.word, .count = 2});
            return insert_note(tx, input);
        },
        {event<Pong>("note.added")}));
    auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
    request.request_id = "req-1";
    ASSERT_TRUE(test.run("notes.add", std::move(request)).result);
    auto const events = test.events();
    ASSERT_EQ(events.size(), 2U);
    std::vector<Json> payloads;
    for (auto const& event : events) {
        EXPECT_EQ(event.event, "note.added");
        EXPECT_EQ(event.organization_id, "org_1");
        EXPECT_EQ(event.request_id, "req-1");
        payloads.push_back(event.payload);
    }
    EXPECT_THAT(payloads, ::testing::UnorderedElementsAre(Json(Json::Object{{"word", "hello"}, {"count", 1}}),
                                                          Json(Json::Object{{"word", "hello"}, {"count", 2}})));
}

TEST(PipelineWrites, RollBackForAnUndeclaredEvent) {
    for (bool const refuses : {false, true}) {
        TestPipeline test(writing_table(
            [refuses](Call&, Ping const& input, Transaction& tx) -> Result<Pong> {
                tx.emit("note.added", Pong{});
                tx.emit("note.burned", Pong{});
                auto inserted = insert_note(tx, input);
                if (refuses) return tx.refuse({Errc::aborted, "refused", "no"});
                return inserted;
            },
            {event<Pong>("note.added")}));
        auto const outcome = test.call("notes.add", "owner", {.word = "hello"});
        EXPECT_EQ(outcome.result.error().code, Errc::internal);
        EXPECT_TRUE(test.log->contains("event_undeclared"));
        EXPECT_TRUE(test.log->contains("note.burned"));
        for (auto const* table : {"notes", "audit_entries", "outbox_events"}) EXPECT_EQ(test.count(table), 0) << table;
    }
}

TEST(PipelineWrites, OfAQueryAreRefused) {
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "notes.peek", .permission = "notes:read"},
                           .handler = [](Call& call, Ping const& input) -> Reply<Pong> {
                               return call.write([&input](Transaction& tx) { return insert_note(tx, input); });
                           }});
    TestPipeline test(table);
    EXPECT_EQ(test.call("notes.peek", "owner", {.word = "hello"}).result.error().code, Errc::internal);
    EXPECT_TRUE(test.log->contains("query_writes"));
    EXPECT_EQ(test.count("notes"), 0);
}

TEST(PipelineWrites, SqlThatWritesIsRefusedInsideARead) {
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "notes.peek", .permission = "notes:read"},
                           .handler = [](Call& call, Ping const&) -> Reply<Pong> {
                               return call.read([](Read& read) -> Result<Pong> {
                                   auto none = read.one<Pong>("INSERT INTO notes VALUES ('a', 1) RETURNING word", {});
                                   if (!none) return std::move(none).error();
                                   return Pong{};
                               });
                           }});
    TestPipeline test(table);
    EXPECT_FALSE(test.call("notes.peek", "owner", {.word = "hello"}).result);
    EXPECT_EQ(test.count("notes"), 0);
}

TEST(PipelineWrites, DoNotHappenAfterTheDeadline) {
    TestPipeline* running = nullptr;
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "notes.slow", .kind = OperationKind::mutation, .permission = "notes:write"},
                           .handler = [&](Call& call, Ping const& input) -> Reply<Pong> {
                               running->clock->advance(std::chrono::seconds(input.number));
                               return call.write([&input](Transaction& tx) { return insert_note(tx, input); });
                           }});
    TestPipeline test(table);
    running = &test;
    struct Case {
        std::optional<std::chrono::milliseconds> timeout;
        std::int64_t takes;
        bool in_time;
    };
    using std::chrono::milliseconds;
    for (auto const& [timeout, takes, in_time] :
         {Case{{}, 29, true}, Case{{}, 30, false}, Case{milliseconds(2'000), 1, true},
          Case{milliseconds(2'000), 2, false}, Case{milliseconds::max(), 29, true},
          Case{milliseconds::max(), 30, false}, Case{milliseconds(0), 0, false}, Case{milliseconds(-1), 0, false},
          Case{milliseconds::min(), 0, false}}) {
        auto const before = test.count("notes");
        auto request = test.request(BearerToken{"owner"}, {.word = "hello", .number = takes});
        request.options.timeout = timeout;
        auto const outcome = test.run("notes.slow", std::move(request));
        EXPECT_EQ(outcome.result.has_value(), in_time);
        if (!in_time) {
            EXPECT_EQ(outcome.result.error().code, Errc::deadline_exceeded);
        }
        EXPECT_EQ(test.count("notes"), before + (in_time ? 1 : 0));
        EXPECT_EQ(test.count("audit_entries"), test.count("notes"));
    }
}

TEST(PipelineWrites, DoNotHappenOnceStopped) {
    std::stop_source stop;
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "notes.stop", .kind = OperationKind::mutation, .permission = "notes:write"},
                           .handler = [&](Call& call, Ping const& input) -> Reply<Pong> {
                               EXPECT_FALSE(call.stop_requested());
                               stop.request_stop();
                               EXPECT_TRUE(call.stop_requested());
                               return call.write([&input](Transaction& tx) { return insert_note(tx, input); });
                           }});
    TestPipeline test(table);
    for (int i = 0; i < 2; ++i) {  // the second time the handler is not even reached
        auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
        request.options.stop = stop.get_token();
        EXPECT_EQ(test.run("notes.stop", std::move(request)).result.error().code, Errc::cancelled);
    }
    EXPECT_EQ(test.count("notes"), 0);
    EXPECT_EQ(test.count("audit_entries"), 0);
}

TEST(PipelineWrites, MayExpectAVersion) {
    TestPipeline test(writing_table([](Call& call, Ping const& input, Transaction& tx) -> Result<Pong> {
        if (auto expected = call.expect_version(7); !expected) return std::move(expected).error();
        return insert_note(tx, input);
    }));
    struct Case {
        std::optional<std::int64_t> version;
        bool fits;
    };
    for (auto const& [version, fits] : {Case{{}, true}, Case{7, true}, Case{6, false}, Case{0, false}}) {
        auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
        request.options.if_version = version;
        auto const outcome = test.run("notes.add", std::move(request));
        EXPECT_EQ(outcome.result.has_value(), fits);
        if (fits) continue;
        EXPECT_EQ(outcome.result.error().code, Errc::aborted);
        EXPECT_EQ(outcome.result.error().reason, "version_mismatch");
    }
    EXPECT_EQ(test.count("notes"), 2);
}

TEST(PipelineWrites, RefuseAVersionThatTheyDoNotCheck) {
    TestPipeline test(writing_table([](Call&, Ping const& input, Transaction& tx) { return insert_note(tx, input); }));
    auto request = test.request(BearerToken{"owner"}, {.word = "hello"});
    request.options.if_version = 1;
    auto const outcome = test.run("notes.add", std::move(request));
    ASSERT_FALSE(outcome.result);
    EXPECT_EQ(outcome.result.error().code, Errc::invalid_argument);
    EXPECT_EQ(outcome.result.error().reason, "version_unsupported");
    EXPECT_EQ(test.count("notes"), 0);
    EXPECT_EQ(test.count("audit_entries"), 0);
}

TEST(PipelineWrites, AnswerThroughACallback) {
    TestPipeline test(writing_table([](Call&, Ping const& input, Transaction& tx) { return insert_note(tx, input); }));
    std::promise<std::string> answered;
    test.pipeline.run(*test.pipeline.find("notes.add"), test.request(BearerToken{"owner"}, {.word = "hello"}),
                      [&](Outcome const& outcome) { answered.set_value(pong(outcome).word); });
    EXPECT_EQ(answered.get_future().get(), "hello");
}

TEST(PipelineDenials, AreSummedByMinute) {
    TestPipeline test(writing_table([](Call&, Ping const& input, Transaction& tx) { return insert_note(tx, input); }));
    auto const minute = test.clock->now();
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(test.call("notes.add", "viewer", {.word = "hello"}).result);
    auto request = test.request(BearerToken{"forged"}, {.word = "hello"});
    request.address = "192.0.2.1";
    EXPECT_FALSE(test.run("notes.add", std::move(request)).result);
    test.flush();
    EXPECT_THAT(test.denials(), IsEmpty());

    test.clock->advance(std::chrono::seconds(60));
    EXPECT_FALSE(test.call("notes.add", "viewer", {.word = "hello"}).result);
    test.flush();
    EXPECT_THAT(test.denials(),
                ElementsAre(DenialRow{"", "anonymous@192.0.2.1", "notes.add", minute, "token_invalid", 1},
                            DenialRow{"org_1", "acc_viewer", "notes.add", minute, "permission_denied", 3}));

    test.pipeline.close();
    test.flush();
    auto const rows = test.denials();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[2], (DenialRow{"org_1", "acc_viewer", "notes.add", minute + std::chrono::minutes(1),
                                  "permission_denied", 1}));
    EXPECT_EQ(test.count("audit_entries"), 0);
}

TEST(PipelineDenials, OfTheSameMinuteAreAddedUp) {
    TestPipeline test(writing_table([](Call&, Ping const& input, Transaction& tx) { return insert_note(tx, input); }));
    auto const minute = test.clock->now();
    EXPECT_FALSE(test.call("notes.add", "viewer", {.word = "hello"}).result);
    test.clock->advance(std::chrono::minutes(1));
    EXPECT_TRUE(test.call("notes.add", "owner", {.word = "hello"}).result);
    test.clock->set(minute);
    EXPECT_FALSE(test.call("notes.add", "viewer", {.word = "hello"}).result);
    test.pipeline.close();
    test.flush();
    EXPECT_THAT(test.denials(),
                ElementsAre(DenialRow{"org_1", "acc_viewer", "notes.add", minute, "permission_denied", 2}));
}

TEST(PipelineDenials, CountLimitsAndWhatTheHandlerDenies) {
    OperationTable table;
    table.add<Ping, Pong>({.info = {.name = "login.try",
                                    .kind = OperationKind::mutation,
                                    .access = Access::anyone,
                                    .credentials = true,
                                    .account_field = "word"},
                           .handler = [](Call&, Ping const&) -> Reply<Pong> { return Pong{}; }});
    table.add<Ping, Pong>({.info = {.name = "notes.own", .permission = "notes:read"},
                           .handler = [](Call& call, Ping const&) -> Reply<Pong> {
                               if (auto may = call.require("notes:write"); !may) return std::move(may).error();
                               return Pong{};
                           }});
    TestPipeline test(table, {.limits = {.address_per_minute = 2, .account_per_minute = 1, .caller_per_minute = 0}});
    auto const minute = test.clock->now();
    for (int i = 0; i < 4; ++i) {
        auto request = test.request(Caller{}, {.word = "ada"});
        request.address = "192.0.2.1";
        EXPECT_EQ(test.run("login.try", std::move(request)).result.has_value(), i == 0);
    }
    EXPECT_FALSE(test.call("notes.own", "member", {.word = "hello"}).result);
    EXPECT_FALSE(test.call("notes.own", "member", {.word = ""}).result) << "a bad input is no denial";
    test.pipeline.close();
    test.flush();
    EXPECT_THAT(test.denials(),
                ElementsAre(DenialRow{"", "anonymous@192.0.2.1", "login.try", minute, "rate_limited", 3},
                            DenialRow{"org_1", "acc_member", "notes.own", minute, "permission_denied", 1}));
}

TEST(Outbox, ForgetsOldEventsAfterAWeek) {
    TestPipeline test(writing_table(
        [](Call&, Ping const& input, Transaction& tx) {
            tx.emit("note.added", Pong{.word = input.word});
            return insert_note(tx, input);
        },
        {event<Pong>("note.added")}));
    ASSERT_TRUE(test.call("notes.add", "owner", {.word = "old"}).result);
    test.clock->advance(std::chrono::hours(24 * 7) - std::chrono::seconds(1));
    ASSERT_TRUE(test.call("notes.add", "owner", {.word = "middle"}).result);
    auto const prune = [&] {
        auto const done =
            test.store->write_and_wait(nexpo::testing::kEverything, [&](Transaction& tx, TransactionState&) {
                auto pruned = prune_outbox(tx, test.clock->now(), 100);
                return pruned ? Result<void>() : std::move(pruned).error();
            });
        EXPECT_TRUE(done);
    };
    prune();
    EXPECT_EQ(test.count("outbox_events"), 2);
    test.clock->advance(std::chrono::minutes(1));
    ASSERT_TRUE(test.call("notes.add", "owner", {.word = "new"}).result);
    prune();
    EXPECT_EQ(test.count("outbox_events"), 2);
    EXPECT_EQ(test.count("audit_entries"), 3);
}

}  // namespace

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "operation/idempotency.hpp"
#include "unit/operation/test_pipeline.hpp"

namespace nexpo::operation {

namespace {

OperationTable notes_table() {
    OperationTable table;
    table.add<Ping, Pong>(note_operation({.name = "notes.add", .permission = "notes:write"}));
    table.add<Ping, Pong>(note_operation({.name = "notes.add_also", .permission = "notes:write"}));
    table.add<Ping, Pong>(note_operation({.name = "login.try", .access = Access::anyone, .credentials = true}));
    table.add<Ping, Pong>({.info = {.name = "notes.fail", .kind = OperationKind::mutation, .permission = "notes:write"},
                           .handler = [](Call& call, Ping const&) -> Reply<Pong> {
                               return call.write([](Transaction&) -> Result<Pong> {
                                   return Error{Errc::already_exists, "note_taken", "there is such a note"};
                               });
                           }});
    return table;
}

Outcome call(TestPipeline& test, std::string_view operation, Identity identity, std::string key, Ping input) {
    auto request = test.request(std::move(identity), std::move(input));
    request.options.idempotency_key = std::move(key);
    return test.run(operation, std::move(request));
}

TEST(Idempotency, ARepeatGetsTheSameAnswerAndDoesNothing) {
    TestPipeline test(notes_table());
    auto const first = call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello"});
    EXPECT_FALSE(first.replayed);
    ASSERT_TRUE(call(test, "notes.add", BearerToken{"owner"}, "", {.word = "another"}).result);
    auto const second = call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello"});
    EXPECT_TRUE(second.replayed);
    EXPECT_EQ(pong(second).word, "hello");
    EXPECT_EQ(pong(second).count, pong(first).count);
    EXPECT_EQ(test.count("notes"), 2);
    EXPECT_EQ(test.count("audit_entries"), 2);
    EXPECT_EQ(test.count("idempotency_records"), 1);
}

TEST(Idempotency, AnotherInputUnderTheSameKeyIsAMistake) {
    TestPipeline test(notes_table());
    ASSERT_TRUE(call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello", .secret = "one"}).result);
    for (auto const& input :
         {Ping{.word = "hello!", .secret = "one"}, Ping{.word = "hello", .number = 1, .secret = "one"},
          Ping{.word = "hello", .secret = "two"}}) {
        auto const outcome = call(test, "notes.add", BearerToken{"owner"}, "key", input);
        ASSERT_FALSE(outcome.result);
        EXPECT_EQ(outcome.result.error().code, Errc::failed_precondition);
        EXPECT_EQ(outcome.result.error().reason, "idempotency_key_reused");
    }
    EXPECT_EQ(test.count("notes"), 1);
}

TEST(Idempotency, KeysOfDifferentCallersAndOperationsNeverMeet) {
    TestPipeline test(notes_table());
    auto elsewhere = FakeIdentifier::caller("owner");
    elsewhere.organization_id = "org_2";
    for (auto const& identity : std::vector<Identity>{BearerToken{"owner"}, BearerToken{"admin"}, elsewhere,
                                                      SystemIn{"acme"}, SystemIn{"other"}}) {
        for (auto const* operation : {"notes.add", "notes.add_also"}) {
            auto const outcome = call(test, operation, identity, "key", {.word = "hello"});
            ASSERT_TRUE(outcome.result);
            EXPECT_FALSE(outcome.replayed);
        }
    }
    EXPECT_EQ(test.count("notes"), 10);
}

TEST(Idempotency, RecordsBelongToTheCallersOrganization) {
    TestPipeline test(notes_table());
    Caller key{
        .kind = CallerKind::api_key, .organization_id = "org_1", .api_key_id = "key_1", .scopes = {"notes:write"}};
    ASSERT_TRUE(call(test, "notes.add", key, "key", {.word = "hello"}).result);
    EXPECT_TRUE(call(test, "notes.add", key, "key", {.word = "hello"}).replayed);
    key.organization_id = "org_2";
    auto const elsewhere = call(test, "notes.add", key, "key", {.word = "hello"});
    ASSERT_TRUE(elsewhere.result);
    EXPECT_FALSE(elsewhere.replayed);
    EXPECT_THAT(test.rows<std::string>("SELECT organization_id FROM idempotency_records ORDER BY organization_id"),
                ::testing::ElementsAre("org_1", "org_2"));
}

TEST(Idempotency, OldRecordsKeepTheirOrganization) {
    testing::TempDir const directory;
    auto const clock = std::make_shared<testing::ManualClock>();
    auto const store =
        store::open_store({.url = "sqlite:" + directory.file("nexpo.db"), .readers = 1, .clock = clock}).value();
    auto const& all = migrations();
    std::string const organization = "org_01j8x4mq3he5nr7w0c2k9v6t1b";
    store->migrate(std::span(all).first(3)).value();
    store
        ->write_and_wait(nexpo::testing::kEverything,
                         [&](Transaction& tx, TransactionState&) -> Result<void> {
                             tx.execute("INSERT INTO idempotency_records VALUES ($1, 'notes.add', 'k', 'h', $2, $3)",
                                        {"acc_1\n" + organization, Bytes(), clock->now()})
                                 .value();
                             return {};
                         })
        .value();
    store->migrate(all).value();
    auto const read = store->read(nexpo::testing::kEverything, {}, [&](Read& at) -> Result<void> {
        EXPECT_EQ(at.one<std::string>("SELECT organization_id FROM idempotency_records", {}).value(), organization);
        return {};
    });
    EXPECT_TRUE(read);
}

TEST(Idempotency, AnonymousCallersShareNoAnswers) {
    OperationTable table;
    table.add<Ping, Pong>(note_operation({.name = "notes.add", .access = Access::anyone}));
    TestPipeline test(table);
    for (int i = 0; i < 2; ++i) {
        auto const outcome = call(test, "notes.add", Caller{}, "key", {.word = "hello"});
        ASSERT_TRUE(outcome.result);
        EXPECT_FALSE(outcome.replayed);
    }
    EXPECT_EQ(test.count("notes"), 2);
    EXPECT_EQ(test.count("idempotency_records"), 0);
}

TEST(Idempotency, AKeyIsForgottenAfterADay) {
    TestPipeline test(notes_table());
    ASSERT_TRUE(call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello"}).result);
    test.clock->advance(std::chrono::hours(24) - std::chrono::microseconds(1));
    EXPECT_TRUE(call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello"}).replayed);
    test.clock->advance(std::chrono::microseconds(1));
    auto const again = call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "another"});
    ASSERT_TRUE(again.result);
    EXPECT_FALSE(again.replayed);
    EXPECT_EQ(test.count("notes"), 2);
    EXPECT_TRUE(call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "another"}).replayed);
}

TEST(Idempotency, OldRecordsAreRemoved) {
    TestPipeline test(notes_table());
    ASSERT_TRUE(call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello"}).result);
    ASSERT_TRUE(call(test, "notes.add", BearerToken{"owner"}, "another", {.word = "hello"}).result);
    auto const prune = [&] {
        std::int64_t count = 0;
        auto const done =
            test.store->write_and_wait(nexpo::testing::kEverything, [&](Transaction& tx, TransactionState&) {
                auto pruned = IdempotencyRecords::prune(tx, test.clock->now(), 1);
                if (pruned) count = *pruned;
                return pruned ? Result<void>() : std::move(pruned).error();
            });
        EXPECT_TRUE(done);
        return count;
    };
    EXPECT_EQ(prune(), 0);
    test.clock->advance(std::chrono::hours(25));
    EXPECT_EQ(prune(), 1);
    EXPECT_EQ(test.count("idempotency_records"), 1) << "no more than asked for";
    EXPECT_EQ(prune(), 1);
    EXPECT_EQ(test.count("idempotency_records"), 0);
}

TEST(Idempotency, KeysHaveAtMost255Characters) {
    TestPipeline test(notes_table());
    EXPECT_TRUE(call(test, "notes.add", BearerToken{"owner"}, std::string(255, 'k'), {.word = "hello"}).result);
    auto const outcome = call(test, "notes.add", BearerToken{"owner"}, std::string(256, 'k'), {.word = "hello"});
    EXPECT_EQ(outcome.result.error().code, Errc::invalid_argument);
    EXPECT_EQ(outcome.result.error().reason, "idempotency_key_invalid");
    EXPECT_EQ(test.count("notes"), 1);
}

TEST(Idempotency, AnswersWithCredentialsAreNeverKept) {
    TestPipeline test(notes_table());
    for (int i = 0; i < 2; ++i) {
        auto const outcome = call(test, "login.try", BearerToken{"owner"}, "key", {.word = "hello"});
        ASSERT_TRUE(outcome.result);
        EXPECT_FALSE(outcome.replayed);
    }
    EXPECT_EQ(test.count("notes"), 2);
    EXPECT_EQ(test.count("idempotency_records"), 0);
}

TEST(Idempotency, FailuresAreNotKept) {
    TestPipeline test(notes_table());
    for (int i = 0; i < 2; ++i) {
        auto const outcome = call(test, "notes.fail", BearerToken{"owner"}, "key", {.word = "hello"});
        EXPECT_EQ(outcome.result.error().reason, "note_taken");
        EXPECT_FALSE(outcome.replayed);
    }
    EXPECT_EQ(test.count("idempotency_records"), 0);
}

TEST(Idempotency, ARepeatIsAuthorizedAnew) {
    TestPipeline test(notes_table());
    auto caller = FakeIdentifier::caller("owner");
    ASSERT_TRUE(call(test, "notes.add", caller, "key", {.word = "hello"}).result);
    caller.role = "viewer";
    EXPECT_EQ(call(test, "notes.add", caller, "key", {.word = "hello"}).result.error().code, Errc::permission_denied);
}

TEST(Idempotency, RecordsShowNeitherKeyNorInputNorAnswer) {
    TestPipeline test(notes_table());
    ASSERT_TRUE(call(test, "notes.add", BearerToken{"owner"}, "visible-key", {.word = "visible-word"}).result);
    EXPECT_EQ(test.rows<std::int64_t>("SELECT count(*) FROM idempotency_records WHERE key LIKE '%visible%'"
                                      " OR input_hash LIKE '%visible%'"
                                      " OR {{sqlite instr(answer, CAST('visible' AS BLOB)) > 0}}"
                                      "{{postgresql position(decode('76697369626c65', 'hex') IN answer) > 0}}")
                  .front(),
              0);
}

TEST(Idempotency, ADamagedRecordIsNoAnswer) {
    TestPipeline test(notes_table());
    ASSERT_TRUE(call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello"}).result);
    test.store
        ->write_and_wait(nexpo::testing::kEverything,
                         [](Transaction& tx, TransactionState&) -> Result<void> {
                             tx.execute("UPDATE idempotency_records SET answer = $1", {Bytes(64)}).value();
                             return {};
                         })
        .value();
    EXPECT_FALSE(call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello"}).result);
    EXPECT_EQ(test.count("notes"), 1);
}

TEST(IdempotencyConcurrency, OfSixteenCallsWithOneKeyOneHasAnEffect) {
    for (int round = 0; round < 5; ++round) {
        TestPipeline test(notes_table(), {.readers = 4, .writers = 4});
        std::atomic<int> replayed = 0;
        std::vector<std::jthread> threads;
        for (int i = 0; i < 16; ++i) {
            threads.emplace_back([&] {
                auto const outcome = call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello"});
                ASSERT_TRUE(outcome.result);
                EXPECT_EQ(pong(outcome).word, "hello");
                EXPECT_EQ(pong(outcome).count, 1);
                replayed += outcome.replayed ? 1 : 0;
            });
        }
        threads.clear();
        EXPECT_EQ(replayed, 15);
        EXPECT_EQ(test.count("notes"), 1);
        EXPECT_EQ(test.count("audit_entries"), 1);
    }
}

TEST(IdempotencyConcurrency, OfCallsWithOneKeyAndDifferentInputsOneWins) {
    TestPipeline test(notes_table(), {.readers = 4});
    std::atomic<int> succeeded = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
            auto const outcome = call(test, "notes.add", BearerToken{"owner"}, "key", {.word = "hello", .number = i});
            if (!outcome.result) {
                EXPECT_EQ(outcome.result.error().reason, "idempotency_key_reused");
            }
            succeeded += outcome.result ? 1 : 0;
        });
    }
    threads.clear();
    EXPECT_EQ(succeeded, 1);
    EXPECT_EQ(test.count("notes"), 1);
}

}  // namespace

}  // namespace nexpo::operation

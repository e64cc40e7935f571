// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "integration/database.hpp"
#include "integration/work/tasks.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> stored(TasksBackend const& tasks) {
    return Database(tasks.test).rows<std::string>("SELECT text FROM tasks ORDER BY text");
}

TEST(Jobs, RunAfterTheCallThatQueuedThem) {
    TasksBackend const tasks;
    auto const id = tasks.start("a");
    EXPECT_TRUE(is_id(id, "job"));
    auto job = tasks.job(id);
    EXPECT_EQ(job.state, JobState::ready);
    EXPECT_EQ(job.kind, "task.run");
    EXPECT_EQ(job.payload.dump(), R"({"text":"a"})");
    EXPECT_EQ(job.attempt, 0);
    EXPECT_THAT(stored(tasks), IsEmpty());

    EXPECT_EQ(tasks.work(), 1);
    job = tasks.job(id);
    EXPECT_EQ(job.state, JobState::succeeded);
    EXPECT_EQ(job.attempt, 1);
    EXPECT_EQ(job.progress, 100);
    ASSERT_TRUE(job.result);
    EXPECT_EQ(job.result->dump(), R"({"text":"a"})");
    EXPECT_EQ(job.finished_at, tasks.test.clock->now());
    EXPECT_THAT(stored(tasks), ElementsAre("a"));
    EXPECT_EQ(tasks.work(), 0);
}

TEST(Jobs, OfACallThatFailsAreNotQueued) {
    TasksBackend const tasks;
    ASSERT_TRUE(tasks.try_to_start("first"));
    tasks.behaviour->refusal = Error{Errc::failed_precondition, "not_today", ""};
    EXPECT_EQ(tasks.try_to_start("second").error().reason, "not_today");
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_THAT(stored(tasks), ElementsAre("first"));
}

TEST(Jobs, AreRefusedWithWhatIsWrongWithThem) {
    TasksBackend const tasks;
    auto const refused = [&](JobOptions options, char const* field, std::string text = "a") {
        tasks.behaviour->options = std::move(options);
        auto const started = tasks.try_to_start(std::move(text));
        ASSERT_FALSE(started) << field;
        EXPECT_EQ(started.error().code, Errc::invalid_argument);
        ASSERT_THAT(started.error().violations, SizeIs(1)) << field;
        EXPECT_EQ(started.error().violations[0].field, field);
    };
    refused({.priority = 11}, "/options/priority");
    refused({.idempotency_key = std::string(256, 'k')}, "/options/idempotency_key");
    refused({.unique_key = "\xff"}, "/options/unique_key");
    refused({.concurrency_key = std::string("a\0b", 3)}, "/options/concurrency_key");
    refused({.concurrency_key = "k", .concurrency = 0}, "/options/concurrency");
    refused({.ordered = true}, "/options/ordered");
    refused({.concurrency_key = "k", .concurrency = 2, .ordered = true}, "/options/ordered");
    refused({}, "/input", std::string(1'100'000, 'x'));
    refused({}, "/input", std::string(10'000'000, 'x'));
    EXPECT_EQ(tasks.work(), 0);
}

TEST(Jobs, WaitForTheirTime) {
    TasksBackend const tasks;
    auto const id = tasks.start("later", {.run_at = tasks.test.clock->now() + 1h});
    EXPECT_EQ(tasks.job(id).state, JobState::scheduled);
    EXPECT_EQ(tasks.work(), 0);
    tasks.test.clock->advance(1h - 1us);
    EXPECT_EQ(tasks.work(), 0);
    tasks.test.clock->advance(1us);
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_THAT(stored(tasks), ElementsAre("later"));
}

TEST(Jobs, RunByPriorityAndAgeButNoneStarves) {
    TasksBackend const tasks;
    std::vector<std::string> order;
    tasks.behaviour->handler = [&](JobRun&, Task const& task) -> Reply<Task> {
        order.push_back(task.text);
        return task;
    };
    tasks.start("low", {.priority = -5});
    tasks.test.clock->advance(1s);
    tasks.start("first");
    tasks.test.clock->advance(1s);
    tasks.start("second");
    tasks.start("high", {.priority = 5});
    tasks.test.clock->advance(10min);
    tasks.start("late high", {.priority = 4});
    EXPECT_EQ(tasks.work(), 5);
    EXPECT_THAT(order, ElementsAre("high", "first", "second", "low", "late high"));
}

TEST(Jobs, ThatFailAreRepeatedAfterGrowingPausesAndThenDead) {
    TasksBackend const tasks([](Config&, JobKind& kind) { kind.max_attempts = 4; });
    int attempts = 0;
    tasks.behaviour->handler = [&](JobRun& run, Task const&) -> Reply<Task> {
        EXPECT_EQ(run.attempt(), ++attempts);
        EXPECT_EQ(run.max_attempts(), 4);
        if (attempts == 2) throw std::runtime_error("thrown");
        return Error{Errc::unavailable, "mail_server_down", "no answer"};
    };
    auto const id = tasks.start("a");
    auto longest = 1'000ms;
    for (int attempt = 1; attempt < 4; ++attempt, longest *= 2) {
        ASSERT_EQ(tasks.work(), 1);
        auto const job = tasks.job(id);
        EXPECT_EQ(job.state, JobState::scheduled);
        EXPECT_EQ(job.cause, attempt == 2 ? "exception" : "mail_server_down");
        EXPECT_LE(job.run_at, tasks.test.clock->now() + longest);
        tasks.test.clock->advance(longest);
    }
    ASSERT_EQ(tasks.work(), 1);
    auto const job = tasks.job(id);
    EXPECT_EQ(job.state, JobState::dead);
    EXPECT_EQ(job.attempt, 4);
    EXPECT_EQ(job.cause, "mail_server_down");
    EXPECT_EQ(job.cause_message, "no answer");
    tasks.test.clock->advance(24h);
    EXPECT_EQ(tasks.work(), 0);
}

// PostgreSQL takes no text that is not UTF-8 or holds NUL: the end of the attempt must be recorded all the same.
TEST(Jobs, ThatFailWithAnyBytesAreRecorded) {
    TasksBackend const tasks;
    for (auto const& message : {std::string("a\xff") + std::string(1, '\0') + "b", std::string(499, 'x') + "\u00e9"}) {
        tasks.behaviour->handler = [&](JobRun& run, Task const&) -> Reply<Task> {
            EXPECT_TRUE(run.progress(10, message));
            throw std::runtime_error(message);
        };
        auto const id = tasks.start("a");
        ASSERT_EQ(tasks.work(), 1);
        EXPECT_EQ(tasks.job(id).state, JobState::scheduled);
        EXPECT_EQ(tasks.job(id).cause, "exception");
        tasks.acme().jobs().cancel({.id = id}).value();
    }
    tasks.behaviour->handler = [](JobRun&, Task const&) -> Reply<Task> {
        return Error{Errc::not_found, "gone", std::string("a\xff") + std::string(1, '\0') + "b"};
    };
    auto const id = tasks.start("a");
    ASSERT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(id).state, JobState::dead);
    EXPECT_EQ(tasks.job(id).cause_message, "a\xef\xbf\xbd b");
}

TEST(Jobs, WaitAsLongAsTheErrorSays) {
    TasksBackend const tasks;
    tasks.behaviour->handler = [&](JobRun&, Task const&) -> Reply<Task> {
        return Error{Errc::resource_exhausted, "slow_down", "", {}, 90s};
    };
    auto const id = tasks.start("a");
    ASSERT_EQ(tasks.work(), 1);
    EXPECT_GE(tasks.job(id).run_at, tasks.test.clock->now() + 90s);
}

TEST(Jobs, OfAKindWithDelaysWaitForThose) {
    TasksBackend const tasks([](Config&, JobKind& kind) {
        kind.max_attempts = 5;
        kind.delays = {5s, 5min, 30min};
    });
    tasks.behaviour->handler = [](JobRun&, Task const&) -> Reply<Task> { return Error{Errc::unavailable, "down", ""}; };
    auto const id = tasks.start("a");
    for (auto const delay : {5s, 300s, 1'800s, 1'800s}) {
        ASSERT_EQ(tasks.work(), 1);
        auto const pause = tasks.job(id).run_at - tasks.test.clock->now();
        EXPECT_GE(pause, delay);
        EXPECT_LE(pause, delay + std::chrono::microseconds(delay) / 10);
        tasks.test.clock->advance(pause);
    }
    ASSERT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(id).state, JobState::dead);
}

TEST(Jobs, MayLeaveSomethingBehindWhenTheyFail) {
    TasksBackend const tasks;
    tasks.behaviour->handler = [](JobRun& run, Task const& task) {
        return run.write([&run, task](Transaction& tx) -> Result<Task> {
            auto stored = tx.execute("INSERT INTO tasks (id, organization_id, text) VALUES ($1, $2, $3)",
                                     {run.id(), run.organization_id(), task.text});
            if (!stored) return std::move(stored).error();
            Error const error{Errc::unavailable, "mail_server_down", "no answer"};
            if (task.text == "kept") return tx.refuse(error);
            return error;
        });
    };
    auto const kept = tasks.start("kept");
    auto const rolled_back = tasks.start("rolled back");
    EXPECT_EQ(tasks.work(), 2);
    EXPECT_THAT(stored(tasks), ElementsAre("kept"));
    for (auto const& id : {kept, rolled_back}) {
        EXPECT_EQ(tasks.job(id).state, JobState::scheduled);
        EXPECT_EQ(tasks.job(id).cause, "mail_server_down");
        EXPECT_EQ(tasks.job(id).attempt, 1);
    }
}

TEST(Jobs, ThatCannotSucceedAreDeadAtOnce) {
    TasksBackend const tasks;
    tasks.behaviour->handler = [&](JobRun&, Task const&) -> Reply<Task> {
        return Error{Errc::not_found, "invoice_not_found", "gone"};
    };
    auto const id = tasks.start("a");
    ASSERT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(id).state, JobState::dead);
    EXPECT_EQ(tasks.job(id).cause, "invoice_not_found");
}

TEST(Jobs, OfAnotherFormAreDeadWithACause) {
    TasksBackend const tasks;
    auto const id = tasks.start("a");
    Database(tasks.test).execute(R"(UPDATE jobs SET payload = '{"words":["a"]}')");
    ASSERT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(id).state, JobState::dead);
    EXPECT_EQ(tasks.job(id).cause, "payload_invalid");
}

TEST(Jobs, OfAKindThatNobodyKnowsWaitForSomebodyWhoDoes) {
    TasksBackend const tasks;
    auto const id = tasks.start("a");
    Database(tasks.test).execute("UPDATE jobs SET kind = 'task.run_newer'");
    EXPECT_EQ(tasks.work(), 0);
    EXPECT_EQ(tasks.job(id).state, JobState::ready);
    tasks.start("b");
    EXPECT_EQ(tasks.work(), 1);
}

TEST(Jobs, WithTheSameKeyAreOne) {
    TasksBackend const tasks;
    auto const first = tasks.start("a", {.idempotency_key = "order-1"});
    EXPECT_EQ(tasks.start("b", {.idempotency_key = "order-1"}), first);
    EXPECT_NE(tasks.start("c", {.idempotency_key = "order-2"}), first);
    tasks.work();
    EXPECT_EQ(tasks.start("d", {.idempotency_key = "order-1"}), first) << "although it is over";
    EXPECT_THAT(stored(tasks), ElementsAre("a", "c"));

    auto const unique = tasks.start("e", {.unique_key = "sync"});
    EXPECT_EQ(tasks.start("f", {.unique_key = "sync"}), unique);
    tasks.work();
    EXPECT_NE(tasks.start("g", {.unique_key = "sync"}), unique) << "because it is over";
    // Another organization's keys are its own.
    EXPECT_NE(tasks.backend.as_system("other").call<Queued>("tasks.start", Task{"h"}).value().id, unique);
}

TEST(Jobs, WithAConcurrencyKeyRunOnlySoManyAtATime) {
    TasksBackend const tasks;
    std::vector<std::string> ids;
    for (auto const* text : {"a", "b", "c", "d"}) {
        ids.push_back(tasks.start(text, {.concurrency_key = "crm", .concurrency = 2}));
    }
    EXPECT_EQ(tasks.job(ids[1]).state, JobState::ready);
    EXPECT_EQ(tasks.job(ids[2]).state, JobState::blocked);
    EXPECT_EQ(tasks.job(ids[3]).state, JobState::blocked);
    EXPECT_TRUE(tasks.acme().jobs().cancel({.id = ids[0]}));
    EXPECT_EQ(tasks.job(ids[2]).state, JobState::ready) << "in the place of the cancelled one";
    EXPECT_EQ(tasks.job(ids[3]).state, JobState::blocked);
    EXPECT_EQ(tasks.work(), 3);
    EXPECT_THAT(stored(tasks), ElementsAre("b", "c", "d"));
    EXPECT_THAT(Database(tasks.test).rows<std::string>("SELECT slot FROM job_slots"), IsEmpty());
}

TEST(Jobs, WithABusyKeyDoNotKeepWorkersFromOthers) {
    TasksBackend const tasks;
    std::vector<std::string> order;
    tasks.behaviour->handler = [&](JobRun&, Task const& task) -> Reply<Task> {
        order.push_back(task.text);
        return task;
    };
    for (auto const* text : {"a", "b", "c"}) tasks.start(text, {.concurrency_key = "crm"});
    tasks.test.clock->advance(1s);
    tasks.start("other");
    tasks.start("low", {.priority = -1});
    tasks.test.clock->advance(1s);
    EXPECT_EQ(tasks.work(), 5);
    EXPECT_THAT(order, ElementsAre("a", "other", "b", "c", "low")) << "what becomes ready stands behind what is ready";
}

TEST(Jobs, InOrderWaitForTheOneBeforeThem) {
    TasksBackend const tasks;
    bool fails = true;
    std::vector<std::string> order;
    tasks.behaviour->handler = [&](JobRun&, Task const& task) -> Reply<Task> {
        if (task.text == "a" && fails) return Error{Errc::unavailable, "down", ""};
        order.push_back(task.text);
        return task;
    };
    for (auto const* text : {"a", "b", "c"}) tasks.start(text, {.concurrency_key = "hook", .ordered = true});
    tasks.start("free");
    EXPECT_EQ(tasks.work(), 2);
    EXPECT_THAT(order, ElementsAre("free"));
    fails = false;
    tasks.test.clock->advance(1s);
    EXPECT_EQ(tasks.work(), 3);
    EXPECT_THAT(order, ElementsAre("free", "a", "b", "c"));
}

TEST(Jobs, TellHowFarTheyAre) {
    TasksBackend const tasks;
    tasks.behaviour->handler = [&](JobRun& run, Task const& task) -> Reply<Task> {
        EXPECT_TRUE(run.progress(40, "half of it"));
        auto const job = tasks.job(run.id());
        EXPECT_EQ(job.state, JobState::running);
        EXPECT_EQ(job.progress, 40);
        EXPECT_EQ(job.progress_note, "half of it");
        return task;
    };
    tasks.start("a");
    EXPECT_EQ(tasks.work(), 1);
}

TEST(Jobs, QueueOthersAndEmitEventsWithTheirOwnCommit) {
    TasksBackend const tasks([](Config&, JobKind& kind) { kind.emits = {event<Task>("task.done")}; });
    tasks.behaviour->handler = [&](JobRun& run, Task const& task) -> Reply<Task> {
        return run.write([task](Transaction& tx) -> Result<Task> {
            tx.emit("task.done", task);
            if (task.text == "child") return task;
            auto child = tx.enqueue("task.run", Task{"child"}, {});
            if (!child) return std::move(child).error();
            return task;
        });
    };
    tasks.start("parent");
    EXPECT_EQ(tasks.work(), 2);
    EXPECT_THAT(Database(tasks.test).rows<std::string>("SELECT event FROM outbox_events"),
                ElementsAre("task.done", "task.done"));
}

TEST(Jobs, FollowEvents) {
    std::vector<std::string> seen;
    TasksBackend const tasks([&](Config& config, JobKind&) {
        config.jobs.on<UserEvent, Empty>("user.created", {.name = "crm.add_user"},
                                         [&](JobRun&, UserEvent const& event) -> Reply<Empty> {
                                             seen.push_back(event.email);
                                             return Empty{};
                                         });
    });
    ASSERT_TRUE(tasks.acme().users().create({.email = "ada@example.com"}));
    ASSERT_FALSE(tasks.acme().users().create({.email = "ada@example.com"}));
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_THAT(seen, ElementsAre("ada@example.com"));
}

TEST(Jobs, AreForgottenAfterAWhile) {
    TasksBackend const tasks([](Config&, JobKind& kind) { kind.keep = 2h; });
    auto const id = tasks.start("a");
    tasks.work();
    tasks.test.clock->advance(2h - 1min);
    tasks.work();
    EXPECT_TRUE(tasks.acme().jobs().get({.id = id}));
    tasks.test.clock->advance(1min);
    tasks.work();
    EXPECT_EQ(tasks.acme().jobs().get({.id = id}).error().reason, "job_not_found");
}

}  // namespace
}  // namespace nexpo

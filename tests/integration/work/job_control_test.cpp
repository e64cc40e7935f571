// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "integration/database.hpp"
#include "integration/work/eventually.hpp"
#include "integration/work/tasks.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> stored(TasksBackend const& tasks) {
    return Database(tasks.test).rows<std::string>("SELECT text FROM tasks ORDER BY text");
}

Reply<Task> fail(JobRun&, Task const&) {
    return Error{Errc::invalid_argument, "bad_task", ""};
}

TEST(JobControl, CallsWaitingJobsOff) {
    TasksBackend const tasks;
    auto const id = tasks.start("a", {.run_at = tasks.test.clock->now() + 1h});
    auto const cancelled = tasks.acme().jobs().cancel({.id = id});
    ASSERT_TRUE(cancelled);
    EXPECT_EQ(cancelled->state, JobState::cancelled);
    EXPECT_EQ(tasks.acme().jobs().cancel({.id = id}).error().reason, "job_finished");
    tasks.test.clock->advance(2h);
    EXPECT_EQ(tasks.work(), 0);
    auto const rows = Database(tasks.test).audit("jobs.cancel");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].target, id);
}

TEST(JobControl, KeepsJobsThatWereCalledOffAsLongAsTheirKindSays) {
    TasksBackend const tasks([](Config&, JobKind& kind) { kind.keep = 72h; });
    auto const id = tasks.start("a");
    ASSERT_TRUE(tasks.acme().jobs().cancel({.id = id}));
    tasks.test.clock->advance(71h);
    tasks.work();
    EXPECT_TRUE(tasks.acme().jobs().get({.id = id}));
    tasks.test.clock->advance(2h);
    tasks.work();
    EXPECT_FALSE(tasks.acme().jobs().get({.id = id}));
}

TEST(JobControl, AsksRunningJobsToStop) {
    TasksBackend const tasks;
    tasks.behaviour->handler = [&](JobRun& run, Task const&) -> Reply<Task> {
        EXPECT_FALSE(run.stop_requested());
        auto const cancelled = tasks.acme().jobs().cancel({.id = run.id()});
        EXPECT_EQ(cancelled->state, JobState::running);
        EXPECT_TRUE(cancelled->cancel_requested);
        EXPECT_TRUE(run.stop_requested());
        return Error{Errc::cancelled, "stopped", ""};
    };
    auto const id = tasks.start("a");
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(id).state, JobState::cancelled);
}

TEST(JobControl, StartsStoppedJobsAnew) {
    TasksBackend const tasks;
    tasks.behaviour->handler = fail;
    auto const id = tasks.start("a", {.unique_key = "u"});
    ASSERT_EQ(tasks.work(), 1);
    ASSERT_EQ(tasks.job(id).state, JobState::dead);
    tasks.behaviour->handler = {};
    auto const retried = tasks.acme().jobs().retry({.id = id});
    ASSERT_TRUE(retried);
    EXPECT_EQ(retried->state, JobState::ready);
    EXPECT_EQ(retried->attempt, 0) << "it has all its attempts again";
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(id).state, JobState::succeeded);
    EXPECT_EQ(tasks.acme().jobs().retry({.id = id}).error().reason, "job_not_stopped");

    tasks.behaviour->handler = fail;
    auto const dead = tasks.start("b", {.unique_key = "u"});
    ASSERT_EQ(tasks.work(), 1);
    tasks.start("c", {.unique_key = "u"});
    EXPECT_EQ(tasks.acme().jobs().retry({.id = dead}).error().reason, "job_not_unique");
}

TEST(JobControl, StartsJobsAnewWithTheirPriority) {
    TasksBackend const tasks;
    std::vector<std::string> order;
    bool fails = true;
    tasks.behaviour->handler = [&](JobRun&, Task const& task) -> Reply<Task> {
        if (fails) return Error{Errc::not_found, "gone", ""};
        order.push_back(task.text);
        return task;
    };
    auto const urgent = tasks.start("urgent", {.priority = 10});
    ASSERT_EQ(tasks.work(), 1);
    fails = false;
    tasks.start("usual");
    tasks.test.clock->advance(1min);
    ASSERT_TRUE(tasks.acme().jobs().retry({.id = urgent}));
    EXPECT_EQ(tasks.work(), 2);
    EXPECT_THAT(order, ElementsAre("urgent", "usual"));
}

TEST(JobControl, ReplaysDeadJobsByIdKindAndTime) {
    TasksBackend const tasks;
    tasks.behaviour->handler = fail;
    std::vector<std::string> ids;
    for (auto const* text : {"a", "b", "c"}) {
        ids.push_back(tasks.start(text));
        ASSERT_EQ(tasks.work(), 1);
        tasks.test.clock->advance(1min);
    }
    tasks.behaviour->handler = {};
    auto const jobs = tasks.acme().jobs();
    EXPECT_EQ(jobs.replay({.kind = "task.other"})->count, 0);
    EXPECT_EQ(jobs.replay({.ids = {ids[1], "job_unknown"}})->count, 1);
    tasks.work();
    EXPECT_THAT(stored(tasks), ElementsAre("b"));
    EXPECT_EQ(jobs.replay({.since = tasks.test.clock->now() - 1min})->count, 1);
    tasks.work();
    EXPECT_THAT(stored(tasks), ElementsAre("b", "c"));
    EXPECT_EQ(jobs.replay({.kind = "task.run", .limit = 5})->count, 1);
    tasks.work();
    EXPECT_THAT(stored(tasks), ElementsAre("a", "b", "c"));
}

TEST(JobControl, ListsInOrderByStateAndKindPageByPage) {
    TasksBackend const tasks;
    for (int i = 0; i < 5; ++i) {
        tasks.test.clock->advance(1ms);
        tasks.start(std::to_string(i), i % 2 == 0 ? JobOptions{} : JobOptions{.run_at = tasks.test.clock->now() + 1h});
    }
    auto const jobs = tasks.acme().jobs();
    auto const first = jobs.list({.limit = 2}).value();
    ASSERT_EQ(first.items.size(), 2U);
    ASSERT_TRUE(first.next);
    auto const second = jobs.list({.limit = 3, .cursor = first.next});
    ASSERT_TRUE(second);
    EXPECT_EQ(second->items.size(), 3U);
    EXPECT_FALSE(second->next);
    EXPECT_EQ(jobs.list({.state = JobState::scheduled})->items.size(), 2U);
    EXPECT_EQ(jobs.list({.kind = "task.other"})->items.size(), 0U);
}

TEST(JobControl, BelongsToTheOrganizationAndItsAdministrators) {
    TasksBackend const tasks;
    auto const id = tasks.start("a");
    auto const other = tasks.backend.as_system("other");
    ASSERT_TRUE(other.users().create({.email = "x@example.com"}));
    EXPECT_EQ(other.jobs().get({.id = id}).error().reason, "job_not_found");
    EXPECT_EQ(other.jobs().cancel({.id = id}).error().reason, "job_not_found");
    EXPECT_EQ(other.jobs().retry({.id = id}).error().reason, "job_not_found");
    EXPECT_EQ(other.jobs().replay({.ids = {id}})->count, 0);
    EXPECT_THAT(other.jobs().list({})->items, IsEmpty());
    auto const organization = *tasks.job(id).organization_id;
    for (auto const* role : {"owner", "admin", "member", "viewer"}) {
        auto const api = tasks.backend.as({.kind = CallerKind::account,
                                           .account_id = "acc_1",
                                           .user_id = "usr_1",
                                           .organization_id = organization,
                                           .role = role});
        bool const may = std::string_view(role) == "owner" || std::string_view(role) == "admin";
        EXPECT_EQ(api.jobs().get({.id = id}).has_value(), may) << role;
    }
}

// A worker that stands still for longer than its lease, and then goes on, as after a suspended machine.
TEST(JobLeases, AWorkerThatComesBackTooLateChangesNothing) {
    TasksBackend const tasks;
    auto const other = tasks.open();
    bool late = true;
    tasks.behaviour->handler = [&](JobRun& run, Task const& task) -> Reply<Task> {
        if (std::exchange(late, false)) {
            tasks.test.clock->advance(10min);  // `work` holds a job for as long as its kind may take, and a little
            EXPECT_EQ(other.work({}).value(), 0) << "first it is found to be lost, and waits for its next attempt";
            tasks.test.clock->advance(1min);
            EXPECT_EQ(other.work({}).value(), 1);
            EXPECT_EQ(run.progress(50, "").error().reason, "job_lost");
            return TasksBackend::store(run, {"late"});
        }
        return TasksBackend::store(run, task);
    };
    auto const id = tasks.start("in time");
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_THAT(stored(tasks), ElementsAre("in time"));
    auto const job = tasks.job(id);
    EXPECT_EQ(job.state, JobState::succeeded);
    EXPECT_EQ(job.attempt, 2);
}

TEST(JobLeases, AJobWhoseWorkersAreLostAgainAndAgainIsDead) {
    TasksBackend const tasks([](Config&, JobKind& kind) { kind.max_attempts = 2; });
    auto const id = tasks.start("poison");
    auto const lose = [&] {
        Database(tasks.test)
            .execute(
                "UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1,"
                " lease_until = created_at WHERE state = 'ready'");
    };
    lose();
    EXPECT_EQ(tasks.work(), 0);
    EXPECT_EQ(tasks.job(id).state, JobState::scheduled);
    EXPECT_EQ(tasks.job(id).cause, "worker_lost");
    Database(tasks.test).execute("UPDATE jobs SET state = 'ready'");
    lose();
    EXPECT_EQ(tasks.work(), 0);
    EXPECT_EQ(tasks.job(id).state, JobState::dead);
}

TEST(JobThreads, RunJobsByThemselvesAndEndWithTheBackend) {
    TasksBackend const tasks;
    auto const working = tasks.open([](Config& config, JobKind&) {
        config.threads.jobs = 3;
        config.clock = system_clock();
    });
    auto const api = working.as_system("acme");
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller) {
        callers.emplace_back([&, caller] {
            for (int i = 0; i < 50; ++i) {
                auto const text = std::to_string(caller) + "-" + std::to_string(i);
                EXPECT_TRUE(api.call<Queued>("tasks.start", Task{text}));
            }
        });
    }
    for (auto& caller : callers) caller.join();
    Database const database(tasks.test);
    EXPECT_TRUE(eventually([&] {
        return database.rows<std::int64_t>("SELECT count(*) FROM jobs WHERE state = 'succeeded'").front() == 200;
    }));
    EXPECT_EQ(database.count("tasks"), 200);
    working.close();
    EXPECT_EQ(working.work({}).error().reason, "closed");
}

TEST(JobThreads, AskTheirJobsToStopWhenTheBackendCloses) {
    TasksBackend const tasks;
    std::atomic<bool> begun = false;
    tasks.behaviour->handler = [&](JobRun& run, Task const&) -> Reply<Task> {
        std::mutex mutex;
        std::condition_variable_any stopped;
        std::unique_lock lock(mutex);
        begun = true;
        stopped.wait(lock, run.stop_token(), [] { return false; });
        return Error{Errc::cancelled, "stopped", ""};
    };
    auto const working = tasks.open([](Config& config, JobKind&) {
        config.threads.jobs = 1;
        config.clock = system_clock();
    });
    auto const id = working.as_system("acme").call<Queued>("tasks.start", Task{"long"}).value().id;
    auto const waiting = working.as_system("acme").call<Queued>("tasks.start", Task{"behind it"}).value().id;
    ASSERT_TRUE(eventually([&] { return begun.load(); }));
    working.close();
    for (auto const& job : {tasks.job(id), tasks.job(waiting)}) {
        EXPECT_EQ(job.state, JobState::ready) << "for the next process";
        EXPECT_EQ(job.attempt, 0) << "it is not the job's fault";
    }
}

TEST(JobKinds, AreCheckedWhenTheBackendOpens) {
    TasksBackend const tasks;
    auto const refused = [&](JobKind const& kind) {
        auto config = tasks.test.config(nullptr);
        config.jobs.add<Task, Task>(kind, [](JobRun&, Task const& task) -> Reply<Task> { return task; });
        auto const opened = Backend::open(std::move(config));
        EXPECT_FALSE(opened);
        return opened ? std::string() : opened.error().reason;
    };
    auto const refused_after = [&](char const* event) {
        auto config = tasks.test.config(nullptr);
        config.jobs.on<Task, Task>(event, {.name = "task.run"},
                                   [](JobRun&, Task const& task) -> Reply<Task> { return task; });
        auto const opened = Backend::open(std::move(config));
        EXPECT_FALSE(opened);
        return opened ? std::string() : opened.error().reason;
    };
    EXPECT_EQ(refused_after("user.craeted"), "job_kind_invalid") << "nobody emits it";
    EXPECT_EQ(refused_after("user.created"), "job_kind_invalid") << "it has another payload";
    EXPECT_EQ(refused({.name = "task"}), "job_kind_invalid");
    EXPECT_EQ(refused({.name = "Task.run"}), "job_kind_invalid");
    EXPECT_EQ(refused({.name = "task.run", .max_attempts = 0}), "job_kind_invalid");
    EXPECT_EQ(refused({.name = "task.run", .backoff = 0ms}), "job_kind_invalid");
    EXPECT_EQ(refused({.name = "task.run", .delays = {0s}}), "job_kind_invalid");
    EXPECT_EQ(refused({.name = "task.run", .delays = std::vector<std::chrono::seconds>(101, 1s)}), "job_kind_invalid");
    EXPECT_EQ(refused({.name = "task.run", .time_limit = 0s}), "job_kind_invalid");
    EXPECT_EQ(refused({.name = "task.run", .keep = -1h}), "job_kind_invalid");
}

}  // namespace
}  // namespace nexpo

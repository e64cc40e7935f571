// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "integration/database.hpp"
#include "integration/work/eventually.hpp"
#include "integration/work/tasks.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;

/// A handler that notices that it is to stop and goes on until it may end.
struct Stubborn {
    std::atomic<int> begun = 0;
    std::atomic<bool> asked = false;
    std::atomic<bool> may_end = false;

    TaskHandler handler() {
        return [this](JobRun& run, Task const& task) -> Reply<Task> {
            ++begun;
            while (!may_end) {
                if (run.stop_requested()) asked = true;
                std::this_thread::yield();
            }
            return TasksBackend::store(run, task);
        };
    }
};

/// Closes a backend on a thread of its own, which ends once the job may.
class Closing {
 public:
    Closing(Backend const& backend, Stubborn& job) : job_(job), thread_([&backend] { backend.close(); }) {}
    Closing(Closing const&) = delete;
    Closing& operator=(Closing const&) = delete;
    ~Closing() { wait(); }

    void wait() {
        job_.may_end = true;
        if (thread_.joinable()) thread_.join();
    }

 private:
    Stubborn& job_;
    std::thread thread_;
};

std::int64_t in_state(Database const& database, std::string const& state) {
    return database.rows<std::int64_t>("SELECT count(*) FROM jobs WHERE state = '" + state + "'").front();
}

TEST(JobClose, KeepsTheLeasesOfJobsThatItWaitsFor) {
    TasksBackend const tasks;
    Stubborn job;
    tasks.behaviour->handler = job.handler();
    auto const working = tasks.open([](Config& config, JobKind&) { config.threads.jobs = 1; });
    auto const id = tasks.start("slow");
    ASSERT_TRUE(eventually([&] { return job.begun == 1; }));
    Closing closing(working, job);
    ASSERT_TRUE(eventually([&] { return job.asked.load(); }));
    Database const database(tasks.test);
    for (int i = 0; i < 4; ++i) {
        tasks.test.clock->advance(20s);  // a lease is 30 s
        EXPECT_TRUE(eventually([&] {
            auto const until = database.rows<Timestamp>("SELECT lease_until FROM jobs").front();
            return until >= tasks.test.clock->now() + 20s;
        })) << i;
        if (HasFailure()) break;
    }
    EXPECT_EQ(tasks.work(), 0) << "nobody else has it";
    closing.wait();
    EXPECT_EQ(tasks.job(id).state, JobState::succeeded);
    EXPECT_EQ(tasks.job(id).attempt, 1);
}

TEST(JobLeases, OfCallersLastAsLongAsTheirKindMayTake) {
    TasksBackend const tasks([](Config& config, JobKind& kind) {
        config.jobs.add<Task, Task>({.name = "task.long", .time_limit = 2h}, store_task);
        kind.time_limit = 1min;
    });
    Database const database(tasks.test);
    std::vector<Timestamp> until;
    tasks.behaviour->handler = [&](JobRun& run, Task const& task) {
        until = database.rows<Timestamp>("SELECT lease_until FROM jobs WHERE state = 'running'");
        return store_task(run, task);
    };
    tasks.start("short");
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_THAT(until, ::testing::ElementsAre(tasks.test.clock->now() + 70s)) << "not for two hours, when it is killed";
}

TEST(JobClose, LeavesWhatIsNotBegunToOthersAtOnce) {
    TasksBackend const tasks;
    Stubborn job;
    tasks.behaviour->handler = job.handler();
    auto const working = tasks.open([](Config& config, JobKind&) { config.threads.jobs = 1; });
    tasks.start("slow");
    ASSERT_TRUE(eventually([&] { return job.begun == 1; }));
    auto const behind = tasks.start("behind it");
    auto const called_off = tasks.start("called off");
    Database const database(tasks.test);
    ASSERT_TRUE(eventually([&] { return in_state(database, "running") == 3; }));
    ASSERT_TRUE(tasks.acme().jobs().cancel({.id = called_off}));
    Closing closing(working, job);
    EXPECT_TRUE(eventually([&] { return tasks.job(behind).state == JobState::ready; }));
    EXPECT_EQ(tasks.job(behind).attempt, 0);
    EXPECT_EQ(tasks.job(called_off).state, JobState::cancelled);
    closing.wait();
    EXPECT_EQ(job.begun, 1);
}

TEST(JobClose, EndsWorkThatACallerDoes) {
    constexpr int kJobs = 50;
    TasksBackend const tasks;
    Stubborn job;
    tasks.behaviour->handler = job.handler();
    auto const serverless = tasks.open();
    for (int i = 0; i < kJobs; ++i) tasks.start("a");
    std::thread worker([&] { EXPECT_EQ(serverless.work({}).value(), 1); });
    EXPECT_TRUE(eventually([&] { return job.begun == 1; }));
    {
        Closing closing(serverless, job);
        EXPECT_TRUE(eventually([&] { return job.asked.load(); }));
    }
    worker.join();
    EXPECT_EQ(job.begun, 1);
    Database const database(tasks.test);
    EXPECT_EQ(in_state(database, "succeeded"), 1);
    EXPECT_EQ(in_state(database, "ready"), kJobs - 1);
}

TEST(JobsTakenAhead, ThatAreCalledOffAreNotBegun) {
    TasksBackend const tasks;
    Stubborn job;
    tasks.behaviour->handler = job.handler();
    auto const working = tasks.open([](Config& config, JobKind&) { config.threads.jobs = 1; });
    tasks.start("slow");
    ASSERT_TRUE(eventually([&] { return job.begun == 1; }));
    auto const id = tasks.start("behind it");
    ASSERT_TRUE(eventually([&] { return tasks.job(id).state == JobState::running; }));
    // By a backend of the same process as the worker, so that it is told at once.
    ASSERT_TRUE(working.as_system("acme").jobs().cancel({.id = id}));
    job.may_end = true;
    EXPECT_TRUE(eventually([&] { return tasks.job(id).finished_at.has_value(); }));
    working.close();
    EXPECT_EQ(tasks.job(id).state, JobState::cancelled);
    EXPECT_EQ(job.begun, 1);
}

TEST(JobsTakenAhead, AreGivenBackWhenThoseBeforeThemAreSlow) {
    TasksBackend const tasks;
    std::atomic<int> begun = 0;
    std::atomic<int> may_end = 0;
    tasks.behaviour->handler = [&](JobRun&, Task const& task) -> Reply<Task> {
        int const number = ++begun;
        while (may_end < number) std::this_thread::yield();
        return task;
    };
    auto const working = tasks.open([](Config& config, JobKind&) { config.threads.jobs = 1; });
    tasks.start("0");
    EXPECT_TRUE(eventually([&] { return begun == 1; }));
    for (int i = 1; i < 8; ++i) tasks.start(std::to_string(i));
    Database const database(tasks.test);
    EXPECT_TRUE(eventually([&] { return in_state(database, "running") == 8; }));
    for (int i = 1; i <= 3; ++i) {
        tasks.test.clock->advance(700ms);  // less than what counts as a standstill
        may_end = i;
        EXPECT_TRUE(eventually([&] { return begun == i + 1; }));
    }
    EXPECT_TRUE(eventually([&] { return in_state(database, "ready") > 0; })) << "they wait for two seconds";
    may_end = 100;
    working.close();
}

TEST(JobsThatAreOver, AreForgottenWithinAMinuteHoweverManyThereAre) {
    constexpr int kJobs = 3'000;
    TasksBackend const tasks;
    for (int i = 0; i < kJobs; ++i) tasks.start("a");
    Database const database(tasks.test);
    database.execute("UPDATE jobs SET state = 'succeeded', finished_at = created_at, keep_until = created_at");
    auto const working = tasks.open([](Config& config, JobKind&) { config.threads.jobs = 1; });
    tasks.start("the last");
    ASSERT_TRUE(eventually([&] { return database.count("jobs") < kJobs; }));
    auto const begun = tasks.test.clock->now();
    EXPECT_TRUE(eventually([&] {
        if (tasks.test.clock->now() < begun + 40s) tasks.test.clock->advance(1ms);
        return database.count("jobs") == 1;
    }));
    working.close();
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "integration/database.hpp"
#include "integration/work/eventually.hpp"
#include "integration/work/tasks.hpp"
#include "support/child_process.hpp"
#include "support/small_disk.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> stored(TasksBackend const& tasks) {
    return Database(tasks.test).rows<std::string>("SELECT text FROM tasks ORDER BY text");
}

std::int64_t succeeded(Database const& database) {
    return database.rows<std::int64_t>("SELECT count(*) FROM jobs WHERE state = 'succeeded'").front();
}

/// What handlers wait for.
class Gate {
 public:
    /// Opens it at the end of a test that failed before, so that nobody waits for ever.
    class Last {
     public:
        explicit Last(Gate& gate) : gate_(gate) {}
        Last(Last const&) = delete;
        Last& operator=(Last const&) = delete;
        ~Last() { gate_.open(); }

     private:
        Gate& gate_;
    };

    void open() {
        std::lock_guard const lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return open_; });
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

void working(Config& config, JobKind&) {
    config.threads.jobs = 1;
}

// 32 threads in three backends, as three nodes have them.
TEST(JobRaces, NodesThatRunTheSameKeysDoEachJobOnceInOrder) {
    constexpr int kKeys = 4;
    constexpr int kJobs = 25;
    TasksBackend const tasks;
    std::mutex mutex;
    std::map<std::string, int> at_once;
    bool overlapped = false;
    tasks.behaviour->handler = [&](JobRun& run, Task const& task) -> Reply<Task> {
        auto const key = task.text.substr(0, 1);
        {
            std::lock_guard const lock(mutex);
            overlapped = ++at_once[key] > 1 || overlapped;
        }
        std::this_thread::yield();
        {
            std::lock_guard const lock(mutex);
            --at_once[key];
        }
        return TasksBackend::store(run, task);
    };
    std::vector<Backend> nodes;
    for (auto const threads : {11, 11, 10}) {
        nodes.push_back(tasks.open([threads](Config& config, JobKind& kind) {
            config.threads.jobs = threads;
            config.clock = system_clock();
            kind.backoff = 1ms;
        }));
    }
    for (int i = 0; i < kJobs; ++i) {
        for (int key = 0; key < kKeys; ++key) {
            auto const name = std::string(1, static_cast<char>('a' + key));
            tasks.start(name + std::to_string(100 + i), {.concurrency_key = name, .ordered = true});
        }
        tasks.start("u", {.unique_key = "unique"});
    }
    Database const database(tasks.test);
    EXPECT_TRUE(eventually([&] {
        return database.rows<std::int64_t>("SELECT count(*) FROM jobs WHERE finished_at IS NULL").front() == 0;
    }));
    for (auto const& node : nodes) node.close();
    EXPECT_FALSE(overlapped) << "two jobs with one ordered key ran at the same time";
    EXPECT_EQ(database.count("tasks"), succeeded(database)) << "each job once";
    EXPECT_THAT(database.rows<std::string>("SELECT slot FROM job_slots"), IsEmpty());
    for (int key = 0; key < kKeys; ++key) {
        auto const name = std::string(1, static_cast<char>('a' + key));
        auto const order = database.rows<std::string>(
            "SELECT tasks.text FROM tasks JOIN jobs ON jobs.id = tasks.id"
            " WHERE tasks.text LIKE '" +
            name + "%' ORDER BY jobs.finished_at, jobs.seq");
        EXPECT_EQ(order.size(), std::size_t{kJobs});
        EXPECT_TRUE(std::ranges::is_sorted(order)) << ::testing::PrintToString(order);
    }
}

TEST(JobFaults, AHandlerThatHangsLosesItsJobAndItsLateResultIsRefused) {
    Gate gate;
    TasksBackend const tasks;
    std::atomic<int> begun = 0;
    tasks.behaviour->handler = [&](JobRun& run, Task const& task) -> Reply<Task> {
        if (++begun > 1) return TasksBackend::store(run, task);
        gate.pass();  // whatever is asked of it
        return TasksBackend::store(run, {"late"});
    };
    auto const hanging = tasks.open(working);
    Gate::Last const last(gate);
    auto const id = tasks.start("in time");
    ASSERT_TRUE(eventually([&] { return begun == 1; }));
    EXPECT_TRUE(eventually([&] {
        tasks.test.clock->advance(1min);
        return tasks.work() > 0;
    })) << "beyond its time limit nobody renews its lease";
    EXPECT_EQ(tasks.job(id).state, JobState::succeeded);
    gate.open();
    hanging.close();
    EXPECT_THAT(stored(tasks), ElementsAre("in time"));
    EXPECT_EQ(tasks.job(id).attempt, 2);
    EXPECT_TRUE(tasks.test.log->contains("another worker has it"));
}

TEST(JobFaults, AHandlerThatIgnoresThatItIsCalledOffIsNotRepeated) {
    TasksBackend const tasks;
    bool fails = true;
    tasks.behaviour->handler = [&](JobRun& run, Task const& task) -> Reply<Task> {
        tasks.acme().jobs().cancel({.id = run.id()}).value();
        if (fails) return Error{Errc::unavailable, "dropped", ""};
        return TasksBackend::store(run, task);
    };
    auto const failed = tasks.start("a");
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(failed).state, JobState::cancelled);
    fails = false;
    auto const done = tasks.start("b");
    EXPECT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(done).state, JobState::succeeded) << "what is done is done";
    tasks.test.clock->advance(1h);
    EXPECT_EQ(tasks.work(), 0);
}

TEST(JobFaults, ACancelledJobWhoseWorkerIsLostIsNotRepeated) {
    TasksBackend const tasks;
    auto const id = tasks.start("a");
    Database(tasks.test).execute("UPDATE jobs SET state = 'running', attempt = 1, fence = 1, lease_until = created_at");
    ASSERT_TRUE(tasks.acme().jobs().cancel({.id = id}));
    EXPECT_EQ(tasks.work(), 0);
    EXPECT_EQ(tasks.job(id).state, JobState::cancelled);
}

TEST(JobFaults, ResultsThatNoDatabaseKeepsEndTheJobWithACause) {
    TasksBackend const tasks;
    std::string const text("a\0b", 3);
    for (bool const writes : {false, true}) {
        tasks.behaviour->handler = [&](JobRun& run, Task const&) -> Reply<Task> {
            if (!writes) return Task{text};
            return run.write([text](Transaction&) -> Result<Task> { return Task{text}; });
        };
        auto const id = tasks.start("x");
        ASSERT_EQ(tasks.work(), 1);
        EXPECT_EQ(tasks.job(id).state, JobState::dead);
        EXPECT_EQ(tasks.job(id).cause, "result_invalid");
    }
    tasks.behaviour->handler = [](JobRun&, Task const&) -> Reply<Task> { return Task{R"(\u0000)"}; };
    auto const id = tasks.start("x");
    ASSERT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(id).state, JobState::succeeded) << "a backslash is only a backslash";
    tasks.behaviour->handler = [](JobRun&, Task const&) -> Reply<Task> { return Task{"a\xff"}; };
    auto const replaced = tasks.start("y");
    ASSERT_EQ(tasks.work(), 1);
    EXPECT_EQ(tasks.job(replaced).result->dump(), "{\"text\":\"a\xef\xbf\xbd\"}");
}

TEST(JobFaults, InputsThatNoDatabaseKeepsAreRefused) {
    TasksBackend const tasks;
    auto const started = tasks.try_to_start(std::string("a\0b", 3));
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::invalid_argument);
    EXPECT_EQ(tasks.work(), 0);
}

TEST(JobFaults, OneBadEndDoesNotSpoilThoseCommittedWithIt) {
    TasksBackend const tasks;
    tasks.behaviour->handler = [](JobRun&, Task const& task) -> Reply<Task> {
        return task.text == "7" ? Task{std::string(1, '\0')} : task;
    };
    for (int i = 0; i < 20; ++i) tasks.start(std::to_string(i));
    auto const node = tasks.open(working);
    Database const database(tasks.test);
    EXPECT_TRUE(eventually([&] {
        return database.rows<std::int64_t>("SELECT count(*) FROM jobs WHERE finished_at IS NULL").front() == 0;
    }));
    node.close();
    EXPECT_EQ(succeeded(database), 19);
    EXPECT_THAT(database.rows<std::string>("SELECT cause FROM jobs WHERE state = 'dead'"),
                ElementsAre("result_invalid"));
}

TEST(JobFaults, EventsThatAreTooLargeForTheirJobsAreRefusedByName) {
    TasksBackend const tasks([&](Config& config, JobKind&) {
        config.jobs.on<Task, Empty>("task.made", {.name = "task.follow"},
                                    [](JobRun&, Task const&) -> Reply<Empty> { return Empty{}; });
        config.operations.add<Task, Empty>({.info = {.name = "tasks.make",
                                                     .kind = OperationKind::mutation,
                                                     .permission = "tasks:write",
                                                     .emits = {event<Task>("task.made")}},
                                            .handler = [](Call& call, Task const& task) -> Reply<Empty> {
                                                return call.write([task](Transaction& tx) -> Result<Empty> {
                                                    tx.emit("task.made", task);
                                                    return Empty{};
                                                });
                                            }});
    });
    auto const made = tasks.acme().call<Empty>("tasks.make", Task{std::string(1'100'000, 'x')});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::invalid_argument);
    EXPECT_EQ(made.error().reason, "event_too_large");
    EXPECT_THAT(made.error().message, HasSubstr("task.made"));
    EXPECT_TRUE(tasks.acme().call<Empty>("tasks.make", Task{"small"}));
    EXPECT_EQ(tasks.work(), 1);
}

/// A process of its own, and two lines to it. Made before the test has threads.
class Node {
 public:
    explicit Node(std::function<void(Node const&)> const& run)
        : up_(make_pipe()), down_(make_pipe()), process_([&] {
              close(up_[0]);
              close(down_[1]);
              run(*this);
          }) {
        close(up_[1]);
        close(down_[0]);
    }
    Node(Node const&) = delete;
    Node& operator=(Node const&) = delete;
    ~Node() {
        if (process_.id() > 0) process_.kill();
        close(up_[0]);
        close(down_[1]);
    }

    void tell_parent() const { EXPECT_EQ(::write(up_[1], "x", 1), 1); }
    void wait_for_child() const { read_from(up_[0]); }
    void tell_child() const { EXPECT_EQ(::write(down_[1], "x", 1), 1); }
    void wait_for_parent() const { read_from(down_[0]); }
    /// Suspends it.
    void stop() { EXPECT_EQ(kill(process_.id(), SIGSTOP), 0); }
    void go_on() { EXPECT_EQ(kill(process_.id(), SIGCONT), 0); }
    int wait() { return process_.wait(); }

 private:
    using Pipe = std::array<int, 2>;

    static Pipe make_pipe() {
        Pipe made{};
        EXPECT_EQ(pipe(made.data()), 0);
        return made;
    }
    static void read_from(int end) {
        char byte = 0;
        EXPECT_EQ(::read(end, &byte, 1), 1) << "the other side has ended";
    }

    Pipe up_;
    Pipe down_;
    testing::ChildProcess process_;
};

// The other processes are made before this one has threads: backends begin some.
TEST(JobNodes, ANodeThatStoodStillForLongerThanItsLeaseChangesNothing) {
    testing::TestDatabase const database;
    Node node([&](Node const& self) {
        self.wait_for_parent();
        auto const adjust = [](Config& config, JobKind&) {
            config.threads.jobs = 1;
            config.work.lease_seconds = 5;
        };
        auto const handler = [&](JobRun& run, Task const&) -> Reply<Task> {
            self.tell_parent();
            self.wait_for_parent();
            return TasksBackend::store(run, {"late"});
        };
        TasksNode const tasks(database, adjust, {.handler = handler});
        self.tell_parent();
        self.wait_for_parent();
        tasks.backend.close();  // when the late result has been refused
    });
    TasksNode const tasks(database, [](Config&, JobKind& kind) { kind.backoff = 1ms; });
    node.tell_child();
    node.wait_for_child();
    auto const id = tasks.backend.as_system("acme").call<Queued>("tasks.start", Task{"in time"}).value().id;
    node.wait_for_child();
    EXPECT_TRUE(eventually([&] {
        node.stop();
        auto const worked = tasks.backend.work({});
        if (!worked) {  // it was stopped while it held the database's lock
            node.go_on();
            EXPECT_TRUE(tasks.backend.seal_audit()) << "by now it has let go";
        }
        return worked && *worked > 0;
    }));
    node.go_on();
    node.tell_child();
    node.tell_child();
    EXPECT_EQ(node.wait(), 0);
    auto const job = tasks.backend.as_system("acme").jobs().get({.id = id}).value();
    EXPECT_EQ(job.state, JobState::succeeded);
    EXPECT_EQ(job.attempt, 2);
    EXPECT_EQ(job.result->dump(), R"({"text":"in time"})");
}

TEST(JobNodes, AJobThatEndsItsProcessEachTimeIsDeadInTheEnd) {
    testing::TestDatabase const database;
    constexpr int kAttempts = 3;
    constexpr int kEnded = 9;
    auto const begin = std::make_shared<testing::ManualClock>();
    auto const open = [&](int hour) {
        begin->advance(std::chrono::hours(hour));
        return TasksNode(database, [&](Config& config, JobKind& kind) {
            config.clock = begin;
            kind.max_attempts = kAttempts;
        });
    };
    testing::ChildProcess queuing([&] {
        auto const tasks = open(0);
        EXPECT_TRUE(tasks.backend.as_system("acme").call<Queued>("tasks.start", Task{"poison"}));
    });
    ASSERT_EQ(queuing.wait(), 0);
    for (int attempt = 1; attempt <= kAttempts; ++attempt) {
        testing::ChildProcess working([&] {
            auto const tasks = open(2 * attempt);
            tasks.behaviour->handler = [](JobRun&, Task const&) -> Reply<Task> { _exit(kEnded); };
            tasks.backend.work({}).value();  // finds the last one lost
            begin->advance(1h);
            tasks.backend.work({}).value();
        });
        EXPECT_EQ(working.wait(), kEnded) << attempt;
    }
    auto const tasks = open(100);
    EXPECT_EQ(tasks.backend.work({}).value(), 0);
    auto const jobs = tasks.backend.as_system("acme").jobs().list({}).value();
    ASSERT_EQ(jobs.items.size(), 1U);
    EXPECT_EQ(jobs.items[0].state, JobState::dead);
    EXPECT_EQ(jobs.items[0].attempt, kAttempts);
    EXPECT_EQ(jobs.items[0].cause, "worker_lost");
}

TEST(JobNodes, ADiskThatIsFullKeepsJobsForLater) {
    if (testing::on_postgresql()) GTEST_SKIP() << "the disk is the server's";
    constexpr int kNoMount = 77;
    testing::TestDatabase const database;
    testing::ChildProcess child([&] {
        testing::SmallDisk const disk(database.directory().path(), "16m");
        if (!disk.mounted()) _exit(kNoMount);
        auto const clock = std::make_shared<testing::ManualClock>();
        TasksNode const tasks(database, [&](Config& config, JobKind&) { config.clock = clock; });
        auto const acme = tasks.backend.as_system("acme");
        auto const id = acme.call<Queued>("tasks.start", Task{"a"}).value().id;
        int attempts = 0;
        tasks.behaviour->handler = [&](JobRun& run, Task const&) -> Reply<Task> {
            if (++attempts == 1) disk.fill_up_to(0);
            return TasksBackend::store(run, {std::string(500'000, 'x')});
        };
        EXPECT_EQ(tasks.backend.work({.max_jobs = 1}).value(), 1);
        EXPECT_EQ(acme.jobs().get({.id = id})->state, JobState::running) << "nothing could be written";
        EXPECT_FALSE(acme.call<Queued>("tasks.start", Task{"b"}));
        disk.release();
        for (int hour = 0; hour < 2; ++hour) {
            clock->advance(1h);
            tasks.backend.work({}).value();
        }
        EXPECT_EQ(acme.jobs().get({.id = id})->state, JobState::succeeded);
        EXPECT_EQ(attempts, 2);
    });
    auto const status = child.wait();
    if (status == kNoMount) GTEST_SKIP() << "this process may not mount a small disk";
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "integration/work/eventually.hpp"
#include "integration/work/tasks.hpp"
#include "support/access.hpp"
#include "support/test_postgresql.hpp"

namespace nexpo {
namespace {

using testing::PostgresServer;

/// Keeps everybody else from changing jobs until it is destroyed or the server ends.
class Lock {
 public:
    explicit Lock(std::string url)
        : store_(store::open_store({.url = std::move(url), .clock = system_clock(), .writers = 1}).value()) {
        holder_ = std::thread([this] {
            // Its end is lost with the server.
            static_cast<void>(
                store_->write_and_wait(testing::kEverything, [&](Transaction& tx, TransactionState&) -> Result<void> {
                    auto locked = tx.execute("LOCK TABLE jobs IN EXCLUSIVE MODE", {});
                    if (!locked) return std::move(locked).error();
                    std::unique_lock lock(mutex_);
                    held_ = true;
                    changed_.notify_all();
                    changed_.wait(lock, [&] { return ends_; });
                    return {};
                }));
        });
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return held_; });
    }
    Lock(Lock const&) = delete;
    Lock& operator=(Lock const&) = delete;
    ~Lock() {
        {
            std::lock_guard const lock(mutex_);
            ends_ = true;
        }
        changed_.notify_all();
        holder_.join();
    }

 private:
    std::unique_ptr<store::Store> store_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool held_ = false;
    bool ends_ = false;
    std::thread holder_;
};

TEST(PostgresJobOutage, AServerThatEndsInTheMiddleOfAClaimLosesNoJobAndDoublesNone) {
    constexpr int kJobs = 40;
    PostgresServer const server;
    server.run("CREATE DATABASE jobs OWNER nexpo_owner");
    auto const open = [&](int threads, std::shared_ptr<TaskBehaviour> const& behaviour) {
        Config config{.database = server.url("nexpo_app", "jobs"),
                      .database_owner = Secret(server.url("nexpo_owner", "jobs"))};
        config.work.housekeeping = false;
        return Backend::open(with_tasks(std::move(config), behaviour,
                                        [&](Config& all, JobKind& kind) {
                                            all.threads.jobs = threads;
                                            kind.backoff = std::chrono::milliseconds(1);
                                        }))
            .value();
    };
    auto const behaviour = std::make_shared<TaskBehaviour>();
    auto const caller = open(0, behaviour);
    for (int i = 0; i < kJobs; ++i) {
        ASSERT_TRUE(caller.as_system("acme").call<Queued>("tasks.start", Task{std::to_string(i)}));
    }
    auto const count = [&](std::string const& what) { return server.run("SELECT count(*) FROM " + what, "jobs"); };
    std::optional<Lock> lock(std::in_place, server.url("nexpo_owner", "jobs"));
    auto const worker = open(2, behaviour);
    ASSERT_TRUE(eventually([&] { return count("pg_locks WHERE NOT granted") != "0"; })) << "somebody claims jobs";
    server.stop("immediate");
    lock.reset();
    server.start();
    EXPECT_TRUE(eventually([&] { return count("jobs WHERE state = 'succeeded'") == std::to_string(kJobs); }));
    EXPECT_EQ(count("tasks"), std::to_string(kJobs));
    EXPECT_EQ(count("(SELECT DISTINCT id FROM tasks) AS jobs"), std::to_string(kJobs));
}

/// What closures wait for.
class Gate {
 public:
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

// Found by killing processes: the job that was queued meanwhile kept waiting, and later ones overtook it.
TEST(PostgresJobOutage, AJobThatIsQueuedWhileTheOneBeforeItEndsGetsItsPlace) {
    PostgresServer const server;
    server.run("CREATE DATABASE jobs OWNER nexpo_owner");
    Gate ends;
    Gate reads;
    Gate queues;
    Gate queued;
    auto const behaviour = std::make_shared<TaskBehaviour>();
    behaviour->options = {.concurrency_key = "k", .ordered = true};
    behaviour->handler = [&](JobRun& run, Task const& task) -> Reply<Task> {
        return run.write([&, task](Transaction& tx) -> Result<Task> {
            if (task.text != "first") return task;
            if (auto seen = tx.one<std::int64_t>("SELECT count(*) FROM jobs", {}); !seen) return seen.error();
            reads.open();
            ends.pass();
            return task;
        });
    };
    Config config{.database = server.url("nexpo_app", "jobs"),
                  .database_owner = Secret(server.url("nexpo_owner", "jobs"))};
    config.operations.add<Task, Empty>(
        {.info = {.name = "tasks.start_slowly", .kind = OperationKind::mutation, .permission = "tasks:write"},
         .handler = [&](Call& call, Task const& task) -> Reply<Empty> {
             return call.write([&, task](Transaction& tx) -> Result<Empty> {
                 auto id = tx.enqueue("task.run", task, behaviour->options);
                 if (!id) return std::move(id).error();
                 queued.open();
                 queues.pass();
                 return Empty{};
             });
         }});
    auto const backend = Backend::open(with_tasks(std::move(config), behaviour, [](Config& all, JobKind&) {
                             all.work.housekeeping = false;
                             all.threads.jobs = 1;
                         })).value();
    auto const acme = backend.as_system("acme");
    ASSERT_TRUE(acme.call<Queued>("tasks.start", Task{"first"}));
    reads.pass();
    std::thread second([&] { EXPECT_TRUE(acme.call<Empty>("tasks.start_slowly", Task{"second"})); });
    queued.pass();
    ends.open();
    EXPECT_TRUE(eventually([&] { return server.run("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0"; }));
    queues.open();
    second.join();
    EXPECT_TRUE(eventually([&] {
        return server.run("SELECT count(*) FROM jobs WHERE state = 'succeeded'", "jobs") == "2";
    })) << "the second one waits for a place that nobody has";
}

}  // namespace
}  // namespace nexpo

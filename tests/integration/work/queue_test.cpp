// SPDX-License-Identifier: Apache-2.0
// A queue outside of the database, and what it may do to its messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "integration/database.hpp"
#include "integration/work/tasks.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using testing::Database;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

/// A queue in memory, with the faults that a queue may have.
class FaultyQueue final : public Queue {
 public:
    enum class Fault : std::uint8_t { none, twice, backwards, never, garbage, refuses, throws };

    explicit FaultyQueue(Fault fault) : fault_(fault) {}

    QueueLimits limits() const noexcept override { return {.max_body_bytes = 1024, .max_receive = 10}; }

    std::vector<Result<void>> send(std::span<QueueMessage const> messages) override {
        std::scoped_lock const lock(mutex_);
        Result<void> result;
        if (fault_ == Fault::throws) throw std::runtime_error("thrown by the plugin");
        if (fault_ == Fault::refuses) result = Error{Errc::unavailable, "queue_unavailable", "nobody there"};
        for (auto const& message : messages) take(message.body);
        changed_.notify_all();
        return std::vector<Result<void>>(messages.size(), result);
    }

    Result<std::vector<QueueDelivery>> receive(std::size_t most, std::chrono::milliseconds wait,
                                               std::stop_token stop) override {
        std::unique_lock lock(mutex_);
        if (fault_ == Fault::throws) throw std::runtime_error("thrown by the plugin");
        changed_.wait_for(lock, stop, wait, [this] { return !waiting_.empty(); });
        std::vector<QueueDelivery> deliveries;
        while (!waiting_.empty() && deliveries.size() < most) {
            deliveries.push_back({.body = waiting_.front(), .receipt = "r"});
            waiting_.pop_front();
        }
        return deliveries;
    }

    std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) override {
        return std::vector<Result<void>>(deliveries.size());
    }
    Result<std::chrono::seconds> extend(QueueDelivery&, std::chrono::seconds lease) override { return lease; }
    Result<void> release(QueueDelivery const&, std::chrono::seconds) override { return {}; }

    std::vector<std::string> sent() const {
        std::scoped_lock const lock(mutex_);
        return sent_;
    }

 private:
    void take(std::string const& body) {
        sent_.push_back(body);
        if (fault_ == Fault::never || fault_ == Fault::refuses) return;
        if (fault_ == Fault::backwards) return waiting_.push_front(body);
        waiting_.push_back(fault_ == Fault::garbage ? std::string(1000, '\xff') : body);
        if (fault_ == Fault::twice) waiting_.push_back(body);
    }

    Fault const fault_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<std::string> waiting_;
    std::vector<std::string> sent_;
};

using Fault = FaultyQueue::Fault;

/// A process that only queues, and one that works, on one database and one queue.
struct Processes {
    explicit Processes(std::shared_ptr<Queue> outside)
        : queue(std::move(outside)),
          caller([this](Config& config, JobKind&) { config.queue = queue; }),
          worker(caller.open([this](Config& config, JobKind&) {
              config.queue = queue;
              config.threads.jobs = 2;
          })) {
        caller.behaviour->handler = [this](JobRun&, Task const& task) -> Reply<Task> {
            std::scoped_lock const lock(mutex);
            runs.push_back(task.text);
            changed.notify_all();
            return task;
        };
    }

    /// Waits until so many attempts were made.
    bool ran(std::size_t count) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 30s, [&] { return runs.size() >= count; });
    }

    std::shared_ptr<Queue> queue;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> runs;
    TasksBackend caller;
    Backend worker;
};

class FaultyQueueTest : public ::testing::TestWithParam<Fault> {};

TEST_P(FaultyQueueTest, RunsEveryJobOnce) {
    auto const queue = std::make_shared<FaultyQueue>(GetParam());
    Processes processes(queue);
    std::vector<std::string> expected;
    for (int number = 0; number < 20; ++number) {
        expected.push_back(std::to_string(number));
        processes.caller.start(expected.back());
    }
    ASSERT_TRUE(processes.ran(expected.size()));
    processes.caller.start("last");
    expected.emplace_back("last");
    ASSERT_TRUE(processes.ran(expected.size()));
    processes.worker.close();
    EXPECT_THAT(processes.runs, UnorderedElementsAreArray(expected));
}

INSTANTIATE_TEST_SUITE_P(Queues, FaultyQueueTest,
                         ::testing::Values(Fault::none, Fault::twice, Fault::backwards, Fault::never, Fault::garbage,
                                           Fault::refuses, Fault::throws));

TEST(Queues, WakeTheWorkersOfOtherProcessesAtOnce) {
    Processes processes(std::make_shared<FaultyQueue>(Fault::none));
    // Whoever only looks finds each of them after a second at most, which then takes the next.
    auto const before = std::chrono::steady_clock::now();
    for (std::size_t number = 1; number <= 12; ++number) {
        processes.caller.start(std::to_string(number));
        ASSERT_TRUE(processes.ran(number));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - before, 8s);
}

TEST(Queues, CarryTheIdsOfDueJobsAlone) {
    auto const queue = std::make_shared<FaultyQueue>(Fault::never);
    TasksBackend const tasks([&](Config& config, JobKind&) {
        config.queue = queue;
        config.threads.queue = false;
    });
    tasks.start("later", {.run_at = tasks.test.clock->now() + 1h});
    tasks.behaviour->refusal = Error{Errc::failed_precondition, "not_today", ""};
    EXPECT_FALSE(tasks.try_to_start("rolled back"));
    tasks.behaviour->refusal.reset();
    auto const id = tasks.start("a secret text");
    EXPECT_THAT(queue->sent(), SizeIs(0)) << "without threads nothing is sent before work()";
    tasks.work();
    EXPECT_THAT(queue->sent(), ElementsAre(id));
}

TEST(Queues, TellOfJobsThatAreStartedAnew) {
    auto const queue = std::make_shared<FaultyQueue>(Fault::never);
    TasksBackend const tasks([&](Config& config, JobKind&) {
        config.queue = queue;
        config.threads.queue = false;
    });
    tasks.behaviour->handler = [](JobRun&, Task const&) -> Reply<Task> {
        return Error{Errc::not_found, "gone", "not there"};
    };
    auto const id = tasks.start("a");
    tasks.work();
    ASSERT_EQ(tasks.job(id).state, JobState::dead);
    ASSERT_TRUE(tasks.acme().jobs().retry({.id = id}));
    tasks.work();
    ASSERT_TRUE(tasks.acme().jobs().replay({}));
    tasks.work();
    EXPECT_THAT(queue->sent(), ElementsAre(id, id, id));
}

TEST(Queues, ThatFailAreLoggedOnceAndCounted) {
    TasksBackend const tasks([&](Config& config, JobKind&) {
        config.queue = std::make_shared<FaultyQueue>(Fault::refuses);
        config.threads.queue = false;
    });
    for (int number = 0; number < 3; ++number) {
        tasks.start("a");
        tasks.work();
    }
    std::size_t logged = 0;
    for (auto const& line : tasks.test.log->lines()) {
        if (line.find("the queue that wakes workers failed") != line.npos) ++logged;
    }
    EXPECT_EQ(logged, 1U);
    EXPECT_THAT(tasks.backend.metrics(), HasSubstr(R"(nexpo_queue_failures_total{call="send"} 3)"));
}

TEST(Queues, AreNotUsedAfterClosing) {
    auto const queue = std::make_shared<FaultyQueue>(Fault::none);
    Processes processes(queue);
    processes.caller.start("a");
    ASSERT_TRUE(processes.ran(1));
    processes.worker.close();
    processes.caller.backend.close();
    auto const sent = queue->sent();
    EXPECT_FALSE(processes.caller.try_to_start("b"));
    EXPECT_EQ(queue->sent(), sent);
}

TEST(Queues, AreRefusedByTheirUrl) {
    auto const refusal = [](std::string url, std::shared_ptr<Queue> own = {}) {
        Config config{.database = "sqlite:unused.db"};
        config.work.queue = Secret(std::move(url));
        config.queue = std::move(own);
        auto const checked = check_config(config);
        std::string problems;
        if (checked) return problems;
        for (auto const& one : checked.error().violations) problems += one.field + " " + one.rule + ": " + one.message;
        return problems;
    };
    EXPECT_EQ(refusal(""), "");
    EXPECT_THAT(refusal("carrier-pigeon://user:hidden@roof"),
                HasSubstr("/work/queue queue_url: the queue's URL: there is"));
    EXPECT_THAT(refusal("carrier-pigeon://user:hidden@roof"), Not(HasSubstr("hidden")));
    EXPECT_THAT(refusal("redis"), HasSubstr("/work/queue queue_url"));
    EXPECT_EQ(refusal("", std::make_shared<FaultyQueue>(Fault::none)), "");
    EXPECT_THAT(refusal("carrier-pigeon://roof", std::make_shared<FaultyQueue>(Fault::none)),
                HasSubstr("/work/queue one_of"));
}

}  // namespace
}  // namespace nexpo

// SPDX-License-Identifier: Apache-2.0
// Jobs while the server of the queue that wakes workers goes and comes back, on a Redis of this test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <mutex>

#include "conformance/queue/free_port.hpp"
#include "integration/work/tasks.hpp"
#include "support/child_process.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;

/// Keeps nothing on disk: whatever was in it is gone when it ends.
struct RedisServer {
    explicit RedisServer(std::string const& port)
        : process([&] {
              execlp("redis-server", "redis-server", "--bind", "127.0.0.1", "--port", port.c_str(), "--save", "",
                     "--appendonly", "no", "--logfile", "/dev/null", static_cast<char*>(nullptr));
          }) {}
    ~RedisServer() { process.kill(); }
    RedisServer(RedisServer const&) = delete;
    RedisServer& operator=(RedisServer const&) = delete;

    testing::ChildProcess process;
};

/// A process that queues jobs and one that runs them.
struct Processes {
    explicit Processes(std::string const& port)
        : url("redis://127.0.0.1:" + port), caller([this](Config& config, JobKind&) { configure(config); }) {
        caller.behaviour->handler = [this](JobRun&, Task const& task) -> Reply<Task> {
            std::scoped_lock const lock(mutex);
            ++runs[task.text];
            changed.notify_all();
            return task;
        };
        worker.emplace(caller.open([this](Config& config, JobKind&) {
            configure(config);
            config.threads.jobs = 2;
        }));
    }

    void configure(Config& config) const { config.work.queue = Secret(url); }

    /// Queues a job and waits until it has run.
    bool run_one() {
        auto const text = std::to_string(++count);
        caller.start(text);
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 30s, [&] { return runs.contains(text); });
    }

    /// How many messages have woken the worker.
    int received() const {
        auto const metrics = worker->metrics();
        std::string const name = R"(nexpo_queue_messages_total{outcome="received"} )";
        auto const at = metrics.find(name);
        int number = 0;
        if (at != metrics.npos) std::from_chars(&metrics[at + name.size()], metrics.data() + metrics.size(), number);
        return number;
    }

    /// Runs jobs until messages come.
    bool woken_again() {
        auto const before = received();
        auto const end = std::chrono::steady_clock::now() + 90s;
        while (received() == before && std::chrono::steady_clock::now() < end) {
            if (!run_one()) return false;
        }
        return received() > before;
    }

    std::string url;
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, int> runs;
    int count = 0;
    TasksBackend caller;
    std::optional<Backend> worker;
};

TEST(RedisRestart, CostsTimeAndNoJob) {
    auto const port = testing::free_port();
    std::optional<RedisServer> server;
    server.emplace(port);
    Processes processes(port);
    EXPECT_TRUE(processes.woken_again());
    server.reset();
    for (int number = 0; number < 5; ++number) EXPECT_TRUE(processes.run_one()) << "found in the database";
    server.emplace(port);
    EXPECT_TRUE(processes.woken_again());
    processes.worker->close();
    for (auto const& [text, times] : processes.runs) EXPECT_EQ(times, 1) << text;
    EXPECT_EQ(processes.runs.size(), static_cast<std::size_t>(processes.count));
}

}  // namespace
}  // namespace nexpo

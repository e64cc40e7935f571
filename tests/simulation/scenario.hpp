// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nexpo/testing/random.hpp"
#include "simulation/simulated_store.hpp"
#include "work/engine.hpp"

namespace nexpo::simulation {

/// What a job of a scenario does.
struct Task {
    std::int64_t failures = 0;  ///< So many attempts fail.
    bool fatal = false;         ///< It fails for good.
    bool has_child = false;     ///< It queues another one with its commit.
};

StructType describe(Type<Task>);

/// A process with a work engine. When it crashes, all that it had in memory is gone.
struct Node {
    Node(SimulatedDatabase& database, Chance& chance, work::Kinds const& kinds,
         std::shared_ptr<testing::ManualClock> clock, std::shared_ptr<Random> random);

    SimulatedStore store;
    work::JobQueue queue;
    telemetry::Metrics metrics;
    work::Engine engine;
    std::vector<work::Engine::Attempt> taken;  ///< And not begun.
    std::vector<work::Engine::Attempt> begun;
};

/// Some nodes that run some jobs while everything goes wrong that can, in an order that follows from the seed alone.
class Scenario {
 public:
    Scenario(SimulatedDatabase& database, std::uint64_t seed);

    /// What is violated, or nothing.
    std::optional<std::string> run();
    /// Everything that happened, in one number.
    std::uint64_t trace() const noexcept { return trace_; }

 private:
    struct Queued {
        Task task;
        std::string ordered_key;  ///< Empty: none.
    };

    void step();
    void queue_job();
    void crash(std::unique_ptr<Node>& node);
    void cancel_some();
    void start_some_anew();
    void begin_one(Node& node);
    bool drain();
    std::optional<std::string> check_running();
    std::optional<std::string> check_end();
    void note(std::string_view what);
    AnyReply handle(JobRun& run, Task const& task);

    SimulatedDatabase& database_;
    Chance chance_;
    std::shared_ptr<testing::ManualClock> clock_ = std::make_shared<testing::ManualClock>();
    std::shared_ptr<testing::SeededRandom> random_;
    work::Kinds kinds_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::map<std::string, Queued> acknowledged_;
    std::vector<std::string> order_;  ///< Of being queued.
    std::size_t left_;                ///< Jobs to queue.
    std::uint64_t trace_ = 0xcbf29ce484222325;
};

}  // namespace nexpo::simulation

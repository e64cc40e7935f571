// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "testing/simulated_store.hpp"
#include "work/engine.hpp"

namespace nexpo::simulation {

/// A process with a work engine. When it crashes, all that it had in memory is gone.
struct Node {
    Node(SimulatedDatabase& database, Chance& chance, work::Kinds const& kinds, std::chrono::seconds lease);

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
    Scenario(testing::Simulation const& simulation, work::Kinds const& kinds, SimulatedDatabase& database,
             std::uint64_t seed);

    /// What is violated, or nothing.
    std::optional<std::string> run();
    /// Everything that happened, in one number.
    std::uint64_t trace() const noexcept { return trace_; }

 private:
    void step();
    void make_call();
    std::int64_t last_job();
    std::vector<std::string> jobs_after(std::int64_t seq);
    void crash(std::unique_ptr<Node>& node);
    void cancel_some();
    void start_some_anew();
    void begin_one(Node& node);
    bool drain();
    std::optional<std::string> check_running();
    std::optional<std::string> check_end();
    std::optional<std::string> check_ends();
    std::optional<std::string> ask(std::function<std::optional<std::string>(Read&)> const& question);
    void note(std::string_view what);

    testing::Simulation const& simulation_;
    work::Kinds const& kinds_;
    SimulatedDatabase& database_;
    Chance chance_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<std::string> acknowledged_;  ///< Jobs, in the order in which they were queued.
    std::optional<std::string> violation_;   ///< Found in the middle of a step.
    std::uint64_t left_;                     ///< Calls to make.
    std::uint64_t trace_ = 0xcbf29ce484222325;
};

/// The tables that a scenario needs besides those of the engine.
std::vector<Migration> const& migrations();

}  // namespace nexpo::simulation

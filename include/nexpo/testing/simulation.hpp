// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Background jobs while everything goes wrong that can, in an order that follows from a seed alone.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nexpo/export.hpp"
#include "nexpo/random.hpp"
#include "nexpo/result.hpp"
#include "nexpo/store.hpp"
#include "nexpo/time.hpp"
#include "nexpo/work.hpp"

namespace nexpo::inline v1 {

namespace testing {

/// What is random in a scenario, and its time. Whatever a simulation's functions decide, they decide with this, so that
/// a seed always leads the same way. Not thread-safe, and nothing of a simulation runs at the same time.
class NEXPO_API SimulatedChance {
 public:
    virtual ~SimulatedChance() = default;
    /// 0 to `limit` - 1; `limit` is at least 1.
    virtual std::uint64_t below(std::uint64_t limit) = 0;
    /// True once in `times`.
    bool one_in(std::uint64_t times) { return below(times) == 0; }
    /// The scenario's time, which also runs backwards now and then, as clocks do.
    virtual Timestamp now() const = 0;
    /// The scenario's randomness, for ids.
    virtual Random& random() = 0;
};

/// What came out of some scenarios.
struct SimulationReport {
    std::uint64_t scenarios = 0;             ///< Scenarios that were run.
    std::optional<std::uint64_t> seed{};     ///< Of the one that violated something; the others after it were not run.
    std::optional<std::string> violation{};  ///< What it violated.
    std::uint64_t trace = 0;                 ///< Everything that happened, in one number: the same for the same seeds.
};

/// Runs jobs on several simulated nodes in one thread, with the work engine of the library on a database of its own.
///
/// A scenario is a random sequence of steps: a call queues jobs, a node takes some, begins one, commits what one wrote,
/// renews its leases, or crashes and forgets all that it had in memory; the time goes on, jumps, or is set back; jobs
/// are cancelled and started anew. Commits fail, are made and reported as failed, and come late. In the end the faults
/// stop, and all jobs have to come to their end.
///
/// These hold for every application, and are checked in every scenario: a job whose call was acknowledged is there and
/// reaches one end, and only one; it is attempted no more often than its kind says; no more jobs with a concurrency key
/// are ready or running than it allows; jobs with an ordered key that succeed do so in the order in which they were
/// queued; none starves. What holds for the application's own tables is checked by its functions.
///
/// Handlers run in the scenario's thread. What they keep outside of the database belongs to all nodes, as a service of
/// somebody else does; `begin` puts it back to its beginning.
struct Simulation {
    std::string file{};                   ///< Where the database is kept; it is made anew.
    JobTable jobs{};                      ///< The kinds of jobs and their handlers.
    std::vector<Migration> migrations{};  ///< Of the application's tables.

    /// Starts a scenario; may be empty.
    std::function<void(SimulatedChance&)> begin{};
    /// A call of the application: changes its tables and queues jobs (`tx.enqueue`). It may be rolled back, even after
    /// it has succeeded.
    std::function<Result<void>(Transaction&, SimulatedChance&)> call{};
    /// Told of the jobs of a call that was acknowledged; may be empty.
    std::function<void(std::vector<std::string> const& ids)> acknowledged{};
    /// What does not hold although it always has to, or nothing; may be empty.
    std::function<std::optional<std::string>(Read&)> always{};
    /// What does not hold although all jobs are at their end, or nothing; may be empty.
    std::function<std::optional<std::string>(Read&)> at_end{};

    std::string organization_id = "org_simulated";  ///< In which the calls are made.
    std::uint64_t nodes = 3;                        ///< At most so many, 1 to 16.
    std::uint64_t calls = 8;                        ///< At most so many, at least 1.
    std::uint64_t steps = 90;                       ///< With faults, at most; at least 10.
    bool cancels = true;                            ///< Jobs are cancelled, and dead ones started anew.
    std::chrono::seconds lease{30};                 ///< See `WorkConfig`.
    /// Tries whether what is checked is checked well: what a refused closure wrote is kept, which must be found out.
    bool sabotage = false;

    /// Runs a scenario for each seed from `seed` on, until one violates something. The first one and then every
    /// thousandth is run twice and has to go the same way. Errors: invalid_argument (`job_kind_invalid`,
    /// `validation_failed`), whatever opening the database and its migrations answer.
    NEXPO_API Result<SimulationReport> run(std::uint64_t seed, std::uint64_t scenarios) const;
};

}  // namespace testing

}  // namespace nexpo::inline v1

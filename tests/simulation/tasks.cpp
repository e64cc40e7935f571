// SPDX-License-Identifier: Apache-2.0
#include "simulation/tasks.hpp"

#include <utility>

namespace nexpo::simulation {

namespace {

using namespace std::chrono_literals;

/// What a job of a scenario does.
struct Task {
    std::int64_t failures = 0;  ///< So many attempts fail.
    bool fatal = false;         ///< It fails for good.
    bool has_child = false;     ///< It queues another one with its commit.
    bool writes = true;         ///< It has an effect in the database.
};

StructType describe(Type<Task>) {
    return structure<Task>("Task", field("failures", &Task::failures), field("fatal", &Task::fatal),
                           field("has_child", &Task::has_child), field("writes", &Task::writes));
}

Reply<Task> run_task(JobRun& run, Task const& task) {
    if (task.fatal) return Error{Errc::not_found, "fatal", ""};
    if (run.attempt() <= task.failures) return Error{Errc::unavailable, "failed", ""};
    if (!task.writes) return task;
    return run.write([&run, task](Transaction& tx) -> Result<Task> {
        if (auto done = tx.execute("INSERT INTO effects (job) VALUES ($1)", {run.id()}); !done) {
            return std::move(done).error();
        }
        if (task.has_child) {
            auto child = tx.enqueue("task.run", Task{}, {.idempotency_key = "child of " + run.id()});
            if (!child) return std::move(child).error();
        }
        return task;
    });
}

Result<void> queue_task(Transaction const& tx, testing::SimulatedChance& chance) {
    Task const task{.failures = static_cast<std::int64_t>(chance.one_in(2) ? 0 : chance.below(6)),
                    .fatal = chance.one_in(10),
                    .has_child = chance.one_in(6),
                    .writes = !chance.one_in(4)};
    JobOptions options{.priority = static_cast<std::int64_t>(chance.below(5)) - 2};
    if (chance.one_in(3)) options.run_at = chance.now() + std::chrono::seconds(chance.below(60));
    if (chance.one_in(6)) options.unique_key = "unique";
    if (chance.one_in(2)) {
        options.concurrency_key = chance.one_in(2) ? "a" : "b";
        options.ordered = chance.one_in(2);
        if (options.ordered) {
            options.concurrency_key = "ordered";
            options.priority = 0;
            options.run_at.reset();
        }
    }
    auto queued = tx.enqueue("task.run", task, options);
    if (!queued) return std::move(queued).error();
    return {};
}

/// The first row of a statement that finds only what must not be.
std::optional<std::string> none(Read const& read, char const* what, std::string_view sql) {
    auto found = read.one<std::string>(sql, {});
    if (!found) return found.error().message;
    return *found ? std::optional(what + **found) : std::nullopt;
}

std::optional<std::string> effects_hold(Read& read) {
    auto broken = none(read, "wrong number of effects: ",
                       "SELECT id || ' ' || state FROM jobs WHERE (SELECT count(*) FROM effects WHERE job = jobs.id)"
                       " <> (state = 'succeeded' AND payload ->> '$.writes')");
    if (broken) return broken;
    return none(read, "wrong number of children: ",
                "SELECT id FROM jobs AS parent WHERE (SELECT count(*) FROM jobs WHERE idempotency_key = 'child of ' ||"
                " parent.id) <> (state = 'succeeded' AND payload ->> '$.has_child' AND payload ->> '$.writes')");
}

}  // namespace

testing::Simulation task_simulation(std::string file) {
    testing::Simulation simulation{.file = std::move(file),
                                   .migrations = {{"tasks", 1, "effects",
                                                   "CREATE TABLE effects (seq INTEGER PRIMARY KEY, job TEXT NOT NULL)"
                                                   " STRICT;\n"}},
                                   .call = queue_task,
                                   .always = effects_hold,
                                   .at_end = effects_hold};
    simulation.jobs.add<Task, Task>({.name = "task.run", .max_attempts = 4, .backoff_limit = 60s, .time_limit = 120s},
                                    run_task);
    return simulation;
}

}  // namespace nexpo::simulation

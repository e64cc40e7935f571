// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nexpo/nexpo.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

/// What an application does later: tasks with a text.
struct Task {
    std::string text{};
};

inline StructType describe(Type<Task>) {
    return structure<Task>("Task", field("text", &Task::text).required().max(20'000'000));
}

struct Queued {
    std::string id{};
};

inline StructType describe(Type<Queued>) {
    return structure<Queued>("Queued", field("id", &Queued::id));
}

/// Runs jobs of the kind `task.run`.
using TaskHandler = std::function<Reply<Task>(JobRun&, Task const&)>;
using AdjustTasks = std::function<void(Config&, JobKind&)>;

/// What `tasks.start` and the jobs do now.
struct TaskBehaviour {
    JobOptions options{};
    std::optional<Error> refusal{};  ///< The call fails with it after it has queued the job.
    TaskHandler handler{};
};

/// Keeps the text in a table, once for each job that succeeds.
inline Reply<Task> store_task(JobRun& run, Task const& task) {
    return run.write([&run, task](Transaction& tx) -> Result<Task> {
        auto stored = tx.execute("INSERT INTO tasks (id, organization_id, text) VALUES ($1, $2, $3)",
                                 {run.id(), run.organization_id(), task.text});
        if (!stored) return std::move(stored).error();
        return task;
    });
}

/// Adds the kind of job, its table, and `tasks.start`, which queues one.
inline Config with_tasks(Config config, std::shared_ptr<TaskBehaviour> const& behaviour, AdjustTasks const& adjust) {
    config.threads.jobs = 0;
    config.migrations.push_back(
        {"tasks", 1, "tasks",
         "CREATE TABLE tasks (id {{id}} NOT NULL, organization_id {{id}} NOT NULL, text {{text}} NOT NULL)"
         " {{strict}};"});
    JobKind kind{.name = "task.run"};
    if (adjust) adjust(config, kind);
    config.jobs.add<Task, Task>(kind, [what = behaviour](JobRun& run, Task const& task) {
        return what->handler ? what->handler(run, task) : store_task(run, task);
    });
    config.operations.add<Task, Queued>(
        {.info = {.name = "tasks.start", .kind = OperationKind::mutation, .permission = "tasks:write"},
         .handler = [what = behaviour](Call& call, Task const& task) -> Reply<Queued> {
             return call.write([what, task](Transaction& tx) -> Result<Queued> {
                 auto id = tx.enqueue("task.run", task, what->options);
                 if (!id) return std::move(id).error();
                 if (what->refusal) return *what->refusal;
                 return Queued{*id};
             });
         }});
    return config;
}

/// One of several processes on a database.
struct TasksNode {
    /// The handler is there before the threads that call it.
    TasksNode(testing::TestDatabase const& database, AdjustTasks const& adjust, TaskBehaviour does = {})
        : behaviour(std::make_shared<TaskBehaviour>(std::move(does))), backend(open(database, behaviour, adjust)) {}

    std::shared_ptr<TaskBehaviour> behaviour;
    Backend backend;

 private:
    static Backend open(testing::TestDatabase const& database, std::shared_ptr<TaskBehaviour> const& behaviour,
                        AdjustTasks const& adjust) {
        Config config;
        database.configure(config);
        config.work.housekeeping = false;
        return Backend::open(with_tasks(std::move(config), behaviour, adjust)).value();
    }
};

/// A backend with the kind of job `task.run`, and `tasks.start`, which queues one. The test says what the job does.
struct TasksBackend {
    explicit TasksBackend(AdjustTasks const& adjust = {}) : backend(open(adjust)) {}

    Backend open(AdjustTasks const& adjust = {}) const {
        return Backend::open(with_tasks(test.config(nullptr), behaviour, adjust)).value();
    }

    static Reply<Task> store(JobRun& run, Task const& task) { return store_task(run, task); }

    Api acme() const { return backend.as_system("acme"); }
    Result<Queued> try_to_start(std::string text) const {
        return acme().call<Queued>("tasks.start", Task{std::move(text)});
    }
    /// The id of the job.
    std::string start(std::string text, JobOptions options = {}) const {
        behaviour->options = std::move(options);
        return try_to_start(std::move(text)).value().id;
    }
    Job job(std::string const& id) const { return acme().jobs().get({.id = id}).value(); }
    /// Runs what is due; the number of attempts.
    std::int64_t work() const { return backend.work({}).value(); }

    testing::TestBackend test;
    std::shared_ptr<TaskBehaviour> behaviour = std::make_shared<TaskBehaviour>();
    Backend backend;
};

}  // namespace nexpo

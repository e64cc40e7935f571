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
    return structure<Task>("Task", field("text", &Task::text).required().max(2'000'000));
}

struct Queued {
    std::string id{};
};

inline StructType describe(Type<Queued>) {
    return structure<Queued>("Queued", field("id", &Queued::id));
}

/// A backend with the kind of job `task.run`, and `tasks.start`, which queues one. The test says what the job does.
struct TasksBackend {
    using Handler = std::function<Reply<Task>(JobRun&, Task const&)>;

    /// What `tasks.start` and the jobs do now.
    struct Behaviour {
        JobOptions options{};
        std::optional<Error> refusal{};  ///< The call fails with it after it has queued the job.
        Handler handler{};
    };

    explicit TasksBackend(std::function<void(Config&, JobKind&)> const& adjust = {}) : backend(open(adjust)) {}

    Backend open(std::function<void(Config&, JobKind&)> const& adjust = {}) const {
        auto config = test.config(nullptr);
        config.threads.jobs = 0;
        config.migrations.push_back(
            {"tasks", 1, "tasks",
             "CREATE TABLE tasks (id {{id}} NOT NULL, organization_id {{id}} NOT NULL, text {{text}} NOT NULL)"
             " {{strict}};"});
        JobKind kind{.name = "task.run"};
        if (adjust) adjust(config, kind);
        config.jobs.add<Task, Task>(kind, [what = behaviour](JobRun& run, Task const& task) {
            return what->handler ? what->handler(run, task) : store(run, task);
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
        return Backend::open(std::move(config)).value();
    }

    /// Keeps the text in a table, once for each job that succeeds.
    static Reply<Task> store(JobRun& run, Task const& task) {
        return run.write([&run, task](Transaction& tx) -> Result<Task> {
            auto stored = tx.execute("INSERT INTO tasks (id, organization_id, text) VALUES ($1, $2, $3)",
                                     {run.id(), run.organization_id(), task.text});
            if (!stored) return std::move(stored).error();
            return task;
        });
    }

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
    std::shared_ptr<Behaviour> behaviour = std::make_shared<Behaviour>();
    Backend backend;
};

}  // namespace nexpo

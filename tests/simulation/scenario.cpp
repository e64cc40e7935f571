// SPDX-License-Identifier: Apache-2.0
#include "simulation/scenario.hpp"

#include <algorithm>
#include <utility>

#include "work/job_rows.hpp"

namespace nexpo::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMaxAttempts = 4;
constexpr auto kLease = 30s;
constexpr int kDrainRounds = 400;
/// Jobs of an organization, so that its rules apply to them.
constexpr char const* kOrganization = "org_1";

struct JobNow {
    std::string id{};
    JobState state = JobState::ready;
    std::int64_t attempt = 0;
    std::int64_t effects = 0;
    std::optional<Timestamp> finished_at{};
};

StructType describe(Type<JobNow>) {
    return structure<JobNow>("JobNow", field("id", &JobNow::id), field("state", &JobNow::state),
                             field("attempt", &JobNow::attempt), field("effects", &JobNow::effects),
                             field("finished_at", &JobNow::finished_at));
}

work::Kinds make_kinds(JobTable const& table) {
    return work::Kinds::make(table.contents()).value();
}

}  // namespace

StructType describe(Type<Task>) {
    return structure<Task>("Task", field("failures", &Task::failures), field("fatal", &Task::fatal),
                           field("has_child", &Task::has_child));
}

Node::Node(SimulatedDatabase& database, Chance& chance, work::Kinds const& kinds,
           std::shared_ptr<testing::ManualClock> clock, std::shared_ptr<Random> random)
    : store(database, chance),
      queue(kinds, store.signals(), *random),
      engine({.store = store,
              .kinds = kinds,
              .queue = queue,
              .metrics = metrics,
              .log = {},
              .clock = std::move(clock),
              .random = random,
              .lease = kLease}) {}

Scenario::Scenario(SimulatedDatabase& database, std::uint64_t seed)
    : database_(database),
      chance_(seed),
      random_(std::make_shared<testing::SeededRandom>(seed)),
      kinds_(make_kinds(JobTable().add<Task, Task>(
          {.name = "task.run", .max_attempts = kMaxAttempts, .backoff_limit = 60s, .time_limit = 120s},
          [](JobRun& run, Task const& task) -> Reply<Task> {
              if (task.fatal) return Error{Errc::not_found, "fatal", ""};
              if (run.attempt() <= task.failures) return Error{Errc::unavailable, "failed", ""};
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
          }))),
      left_(3 + chance_.below(6)) {
    database_.begin_scenario();
    auto const count = 1 + chance_.below(3);
    for (std::size_t i = 0; i < count; ++i) {
        nodes_.push_back(std::make_unique<Node>(database_, chance_, kinds_, clock_, random_));
    }
}

std::optional<std::string> Scenario::run() {
    auto const steps = 30 + chance_.below(60);
    for (std::size_t i = 0; i < steps; ++i) {
        step();
        if (i % 4 == 0) {
            if (auto broken = check_running()) return broken;
        }
    }
    if (!drain()) return "a job starves";
    return check_end();
}

void Scenario::step() {
    auto& node = nodes_[chance_.below(nodes_.size())];
    switch (chance_.below(12)) {
        case 0:
        case 1:
            return queue_job();
        case 2:
        case 3:
            if (auto taken = node->engine.take(static_cast<std::int64_t>(1 + chance_.below(3)), kLease)) {
                node->taken.insert(node->taken.end(), taken->begin(), taken->end());
                note("take " + std::to_string(taken->size()));
            }
            return;
        case 4:
        case 5:
            return begin_one(*node);
        case 6:
        case 7:
            if (node->store.has_unsettled()) node->store.settle_one();
            return;
        case 8:
            return node->engine.renew(node->begun);
        case 9:
            if (chance_.one_in(4)) clock_->set(clock_->now() - std::chrono::seconds(chance_.below(10)));
            return clock_->advance(std::chrono::milliseconds(chance_.below(chance_.one_in(4) ? 90'000 : 2'000)));
        case 10:
            if (chance_.one_in(3)) crash(node);
            return;
        default:
            return chance_.one_in(2) ? cancel_some() : start_some_anew();
    }
}

void Scenario::queue_job() {
    if (left_ == 0) return;
    --left_;
    Task const task{.failures = static_cast<std::int64_t>(chance_.one_in(2) ? 0 : chance_.below(6)),
                    .fatal = chance_.one_in(10),
                    .has_child = chance_.one_in(6)};
    JobOptions options{.priority = static_cast<std::int64_t>(chance_.below(5)) - 2};
    if (chance_.one_in(3)) options.run_at = clock_->now() + std::chrono::seconds(chance_.below(60));
    std::string ordered_key;
    if (chance_.one_in(2)) {
        options.concurrency_key = chance_.one_in(2) ? "a" : "b";
        options.ordered = chance_.one_in(2);
        // Only jobs of one priority that are due at once stand in one order.
        if (options.ordered) {
            options.concurrency_key = "ordered";
            ordered_key = options.concurrency_key;
            options.priority = 0;
            options.run_at.reset();
        }
    }
    std::string id;
    bool const refused = chance_.one_in(8);
    auto const committed = database_.commit([&](Transaction& tx, TransactionState&) -> Result<void> {
        auto queued = nodes_.front()->queue.enqueue(tx, {kOrganization, clock_->now()}, "task.run", struct_type<Task>(),
                                                    &task, options);
        if (!queued) return std::move(queued).error();
        id = *queued;
        if (refused) return Error{Errc::failed_precondition, "refused", ""};
        return {};
    });
    note("queue " + id);
    if (!committed) return;
    acknowledged_[id] = {task, ordered_key};
    order_.push_back(id);
}

void Scenario::crash(std::unique_ptr<Node>& node) {
    note("crash");
    // Attempts hold closures that hold the engine: they go first.
    auto fresh = std::make_unique<Node>(database_, chance_, kinds_, clock_, random_);
    std::swap(node, fresh);
}

void Scenario::begin_one(Node& node) {
    if (node.taken.empty()) return;
    auto const attempt = node.taken.front();
    node.taken.erase(node.taken.begin());
    node.begun.push_back(attempt);
    node.store.puts_off = true;
    node.engine.run(attempt, [this, &node, id = attempt->job.id] {
        note("over " + id);
        std::erase_if(node.begun, [&](auto const& one) { return one->job.id == id; });
    });
    node.store.puts_off = false;
}

void Scenario::cancel_some() {
    if (order_.empty() || !chance_.one_in(4)) return;
    auto const id = order_[chance_.below(order_.size())];
    auto const done = database_.commit([&](Transaction& tx, TransactionState&) -> Result<void> {
        work::JobRows const rows(kOrganization);
        auto const job = rows.find(tx, id);
        if (!job) return job.error();
        if (!*job || (*job)->finished_at) return {};
        if ((*job)->state == JobState::running) return rows.ask_to_stop(tx, **job);
        return rows.cancel(tx, **job, clock_->now(), clock_->now() + 24h * 365);
    });
    note(done ? "cancel " + id : done.error().message);
}

void Scenario::start_some_anew() {
    if (order_.empty() || !chance_.one_in(4)) return;
    auto const id = order_[chance_.below(order_.size())];
    auto const done = database_.commit([&](Transaction& tx, TransactionState&) -> Result<void> {
        work::JobRows const rows(kOrganization);
        auto const job = rows.find(tx, id);
        if (!job) return job.error();
        if (!*job || (*job)->state != JobState::dead) return {};
        auto started = rows.start_anew(tx, **job, clock_->now());
        if (!started) return std::move(started).error();
        acknowledged_[id].ordered_key.clear();  // it stands at the end of the line now
        return {};
    });
    note(done ? "anew " + id : done.error().message);
}

/// Without faults all comes to an end.
bool Scenario::drain() {
    while (left_ > 0) queue_job();
    for (auto& node : nodes_) node->store.faulty = false;
    for (int round = 0; round < kDrainRounds; ++round) {
        for (auto& node : nodes_) {
            auto taken = node->engine.take(4, kLease);
            if (!taken) return false;
            node->taken.insert(node->taken.end(), taken->begin(), taken->end());
            while (!node->taken.empty()) begin_one(*node);
            while (node->store.has_unsettled()) node->store.settle_one();
        }
        std::int64_t unfinished = 0;
        auto const counted = database_.read([&](Read& read) -> Result<void> {
            auto count = read.one<std::int64_t>("SELECT count(*) FROM jobs WHERE finished_at IS NULL", {});
            if (!count) return std::move(count).error();
            unfinished = **count;
            return {};
        });
        if (!counted) return false;
        if (unfinished == 0) return true;
        clock_->advance(10s);
    }
    return false;
}

std::optional<std::string> Scenario::check_running() {
    std::optional<std::string> broken;
    auto const looked = database_.read([&](Read& read) -> Result<void> {
        auto over = read.one<std::string>(
            "SELECT slot FROM jobs WHERE state IN ('running', 'ready') AND slot IS NOT NULL"
            " GROUP BY slot HAVING count(*) > max(slot_limit)",
            {});
        if (!over) return std::move(over).error();
        if (*over) broken = "more jobs than allowed run with one concurrency key";
        return {};
    });
    if (!looked) return looked.error().message;
    return broken;
}

std::optional<std::string> Scenario::check_end() {
    std::vector<JobNow> jobs;
    std::vector<std::string> effects;
    std::int64_t slots = 0;
    auto const looked = database_.read([&](Read& read) -> Result<void> {
        auto rows = read.all<JobNow>(
            "SELECT id, state, attempt - first_attempt AS attempt,"
            " (SELECT count(*) FROM effects WHERE job = jobs.id) AS effects, finished_at FROM jobs ORDER BY seq",
            {});
        if (!rows) return std::move(rows).error();
        jobs = std::move(*rows);
        auto done = read.all<std::string>("SELECT job FROM effects ORDER BY seq", {});
        if (!done) return std::move(done).error();
        effects = std::move(*done);
        auto left = read.one<std::int64_t>("SELECT count(*) FROM job_slots", {});
        if (!left) return std::move(left).error();
        slots = **left;
        return {};
    });
    if (!looked) return looked.error().message;

    std::map<std::string, JobState> states;
    for (auto const& job : jobs) {
        note(job.id + " " + std::string(to_word(job.state)) + " " + std::to_string(job.attempt));
        states[job.id] = job.state;
        bool const succeeded = job.state == JobState::succeeded;
        if (!job.finished_at) return "job " + job.id + " has no end";
        if (job.effects != (succeeded ? 1 : 0)) {
            return "job " + job.id + " is " + std::string(to_word(job.state)) + " and has " +
                   std::to_string(job.effects) + " effects";
        }
        if (job.attempt > kMaxAttempts) return "job " + job.id + " was attempted too often";
    }
    std::size_t succeeded_children = 0;
    for (auto const& [id, queued] : acknowledged_) {
        auto const found = states.find(id);
        if (found == states.end()) return "job " + id + " is lost";
        if (found->second == JobState::succeeded && queued.task.has_child) ++succeeded_children;
    }
    if (states.size() != acknowledged_.size() + succeeded_children) return "there are jobs that nobody queued";
    if (slots != 0) return "places of concurrency keys are not given back";

    std::vector<std::string> ordered;
    for (auto const& id : order_) {
        if (!acknowledged_[id].ordered_key.empty() && states[id] == JobState::succeeded) ordered.push_back(id);
    }
    std::vector<std::string> happened;
    for (auto const& id : effects) {
        if (std::ranges::find(ordered, id) != ordered.end()) happened.push_back(id);
    }
    if (happened != ordered) return "jobs with an ordered key ran in another order";
    return std::nullopt;
}

void Scenario::note(std::string_view what) {
    for (char const c : what) {
        trace_ ^= static_cast<unsigned char>(c);
        trace_ *= 0x100000001b3;
    }
}

}  // namespace nexpo::simulation

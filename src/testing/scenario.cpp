// SPDX-License-Identifier: Apache-2.0
#include "testing/scenario.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "operation/closure_jobs.hpp"
#include "store/guarded.hpp"
#include "work/job_rows.hpp"

namespace nexpo::simulation {

namespace {

using namespace std::chrono_literals;

constexpr int kDrainRounds = 5'000;

struct JobNow {
    std::string id{};
    JobState state = JobState::ready;
    std::int64_t attempt = 0;
    std::int64_t max_attempts = 0;
    std::optional<Timestamp> finished_at{};
};

StructType describe(Type<JobNow>) {
    return structure<JobNow>("JobNow", field("id", &JobNow::id), field("state", &JobNow::state),
                             field("attempt", &JobNow::attempt), field("max_attempts", &JobNow::max_attempts),
                             field("finished_at", &JobNow::finished_at));
}

/// A job that found its end or, with the word `anew`, left it.
struct End {
    std::string job{};
    std::string what{};
    std::string slot{};  ///< Empty, unless it stands in one order with others.
    std::int64_t place = 0;
};

StructType describe(Type<End>) {
    return structure<End>("End", field("job", &End::job), field("what", &End::what), field("slot", &End::slot),
                          field("place", &End::place));
}

}  // namespace

std::vector<Migration> const& migrations() {
    static std::vector<Migration> const kMigrations{
        {"simulation", 1, "ends",
         "CREATE TABLE simulation_ends (seq INTEGER PRIMARY KEY, job TEXT NOT NULL, what TEXT NOT NULL) STRICT;\n"
         "CREATE TRIGGER simulation_end AFTER UPDATE OF state ON jobs WHEN NEW.state IN ('succeeded', 'dead', "
         "'cancelled')"
         " BEGIN INSERT INTO simulation_ends (job, what) VALUES (NEW.id, NEW.state); END;\n"
         "CREATE TRIGGER simulation_anew AFTER UPDATE OF state ON jobs WHEN OLD.state IN ('succeeded', 'dead', "
         "'cancelled')"
         " AND NEW.state NOT IN ('succeeded', 'dead', 'cancelled')"
         " BEGIN INSERT INTO simulation_ends (job, what) VALUES (NEW.id, 'anew'); END;\n"}};
    return kMigrations;
}

Node::Node(SimulatedDatabase& database, Chance& chance, work::Kinds const& kinds, std::chrono::seconds lease)
    : store(database, chance),
      queue(kinds, store.signals(), chance.random()),
      engine({.store = store,
              .kinds = kinds,
              .queue = queue,
              .metrics = metrics,
              .log = {},
              .clock = chance.clock(),
              .random = chance.shared_random(),
              .lease = lease}) {}

Scenario::Scenario(testing::Simulation const& simulation, work::Kinds const& kinds, SimulatedDatabase& database,
                   std::uint64_t seed)
    : simulation_(simulation), kinds_(kinds), database_(database), chance_(seed) {
    left_ = 1 + chance_.below(simulation.calls);
    auto const count = 1 + chance_.below(simulation.nodes);
    for (std::uint64_t i = 0; i < count; ++i) {
        nodes_.push_back(std::make_unique<Node>(database_, chance_, kinds_, simulation_.lease));
    }
}

std::optional<std::string> Scenario::run() {
    if (auto begun = database_.begin_scenario(); !begun) return begun.error().message;
    if (simulation_.begin) simulation_.begin(chance_);
    auto const steps = simulation_.steps / 3 + chance_.below(simulation_.steps * 2 / 3);
    for (std::uint64_t i = 0; i < steps; ++i) {
        step();
        if (violation_) return violation_;
        if (i % 4 != 0) continue;
        if (auto broken = check_running()) return broken;
    }
    bool const drained = drain();
    if (violation_) return violation_;
    return drained ? check_end() : "a job starves";
}

void Scenario::step() {
    auto& node = nodes_[chance_.below(nodes_.size())];
    switch (chance_.below(12)) {
        case 0:
        case 1:
            return make_call();
        case 2:
        case 3:
            if (auto taken = node->engine.take(static_cast<std::int64_t>(1 + chance_.below(3)), simulation_.lease)) {
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
        case 9: {
            auto const& clock = chance_.clock();
            if (chance_.one_in(4)) clock->set(clock->now() - std::chrono::seconds(chance_.below(10)));
            auto const longest = chance_.one_in(4) ? simulation_.lease * 3 : std::chrono::seconds(2);
            return clock->advance(std::chrono::milliseconds(
                chance_.below(static_cast<std::uint64_t>(std::chrono::milliseconds(longest).count()))));
        }
        case 10:
            if (chance_.one_in(3)) crash(node);
            return;
        default:
            if (!simulation_.cancels) return;
            return chance_.one_in(2) ? cancel_some() : start_some_anew();
    }
}

void Scenario::make_call() {
    if (left_ == 0) return;
    --left_;
    bool const refused = chance_.one_in(8);
    auto const before = last_job();
    auto const committed = database_.commit([&](Transaction& tx, TransactionState& state) -> Result<void> {
        operation::ClosureJobs jobs(nodes_.front()->queue, {simulation_.organization_id, chance_.now()});
        state.jobs = &jobs;
        auto called = simulation_.call(tx, chance_);
        state.jobs = nullptr;
        if (called && refused) return Error{Errc::failed_precondition, "refused", "a fault of the scenario"};
        return called;
    });
    note(committed ? "call" : "refused call " + committed.error().reason);
    auto const ids = jobs_after(before);
    if (!committed) {
        if (!ids.empty()) violation_ = "job " + ids.front() + " is there although its call was refused";
        return;
    }
    for (auto const& id : ids) note("queue " + id);
    acknowledged_.insert(acknowledged_.end(), ids.begin(), ids.end());
    if (simulation_.acknowledged) simulation_.acknowledged(ids);
}

std::int64_t Scenario::last_job() {
    std::int64_t last = 0;
    auto const failed = ask([&](Read& read) -> std::optional<std::string> {
        auto found = read.one<std::int64_t>("SELECT seq FROM jobs ORDER BY seq DESC LIMIT 1", {});
        if (!found) return found.error().message;
        last = found->value_or(0);
        return std::nullopt;
    });
    if (failed) violation_ = failed;
    return last;
}

std::vector<std::string> Scenario::jobs_after(std::int64_t seq) {
    std::vector<std::string> ids;
    auto const failed = ask([&](Read& read) -> std::optional<std::string> {
        auto found = read.all<std::string>("SELECT id FROM jobs WHERE seq > $1 ORDER BY seq", {seq});
        if (!found) return found.error().message;
        ids = std::move(*found);
        return std::nullopt;
    });
    if (failed) violation_ = failed;
    return ids;
}

void Scenario::crash(std::unique_ptr<Node>& node) {
    note("crash");
    // Attempts hold closures that hold the engine: they go first.
    auto fresh = std::make_unique<Node>(database_, chance_, kinds_, simulation_.lease);
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
    if (acknowledged_.empty() || !chance_.one_in(4)) return;
    auto const id = acknowledged_[chance_.below(acknowledged_.size())];
    auto const done = database_.commit([&](Transaction& tx, TransactionState&) -> Result<void> {
        work::JobRows const rows(simulation_.organization_id);
        auto const job = rows.find(tx, id);
        if (!job) return job.error();
        if (!*job || (*job)->finished_at) return {};
        if ((*job)->state == JobState::running) return rows.ask_to_stop(tx, **job);
        return rows.cancel(tx, **job, chance_.now(), chance_.now() + 24h * 365);
    });
    note(done ? "cancel " + id : done.error().message);
}

void Scenario::start_some_anew() {
    if (acknowledged_.empty() || !chance_.one_in(4)) return;
    auto const id = acknowledged_[chance_.below(acknowledged_.size())];
    auto const done = database_.commit([&](Transaction& tx, TransactionState&) -> Result<void> {
        work::JobRows const rows(simulation_.organization_id);
        auto const job = rows.find(tx, id);
        if (!job) return job.error();
        if (!*job || (*job)->state != JobState::dead) return {};
        auto started = rows.start_anew(tx, **job, chance_.now());
        if (!started) return std::move(started).error();
        return {};
    });
    note(done ? "anew " + id : done.error().message);
}

/// Without faults all comes to an end.
bool Scenario::drain() {
    while (left_ > 0) make_call();
    for (auto& node : nodes_) node->store.faulty = false;
    for (int round = 0; round < kDrainRounds; ++round) {
        for (auto& node : nodes_) {
            auto taken = node->engine.take(4, simulation_.lease);
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
        auto const agenda = nodes_.front()->engine.agenda();
        if (!agenda) return false;
        auto const next = agenda->next.value_or(chance_.now());
        if (!agenda->ready) chance_.clock()->advance(std::max<std::chrono::microseconds>(next - chance_.now(), 1s));
    }
    return false;
}

std::optional<std::string> Scenario::ask(std::function<std::optional<std::string>(Read&)> const& question) {
    std::optional<std::string> answer;
    auto const looked = database_.read([&](Read& read) -> Result<void> {
        return store::guarded("check_failed", [&]() -> Result<void> {
            answer = question(read);
            return {};
        });
    });
    if (!looked) return "a check failed: " + looked.error().message;
    return answer;
}

std::optional<std::string> Scenario::check_running() {
    auto broken = ask([](Read& read) -> std::optional<std::string> {
        auto over = read.one<std::string>(
            "SELECT slot FROM jobs WHERE state IN ('running', 'ready') AND slot IS NOT NULL"
            " GROUP BY slot HAVING count(*) > max(slot_limit)",
            {});
        if (!over) return over.error().message;
        if (*over) return "more jobs than allowed run with one concurrency key";
        return std::nullopt;
    });
    if (broken || !simulation_.always) return broken;
    return ask(simulation_.always);
}

std::optional<std::string> Scenario::check_end() {
    std::vector<JobNow> jobs;
    std::int64_t slots = 0;
    auto unread = ask([&](Read& read) -> std::optional<std::string> {
        auto rows = read.all<JobNow>(
            "SELECT id, state, attempt - first_attempt AS attempt, max_attempts, finished_at FROM jobs ORDER BY seq",
            {});
        auto left = read.one<std::int64_t>("SELECT count(*) FROM job_slots", {});
        if (!rows || !left) return "the jobs cannot be read";
        jobs = std::move(*rows);
        slots = **left;
        return std::nullopt;
    });
    if (unread) return unread;
    std::set<std::string> there;
    for (auto const& job : jobs) {
        note(job.id + " " + std::string(to_word(job.state)) + " " + std::to_string(job.attempt));
        there.insert(job.id);
        if (!job.finished_at) return "job " + job.id + " has no end";
        if (job.attempt > job.max_attempts) return "job " + job.id + " was attempted too often";
    }
    for (auto const& id : acknowledged_) {
        if (!there.contains(id)) return "job " + id + " is lost";
    }
    if (slots != 0) return "places of concurrency keys are not given back";
    if (auto broken = check_ends()) return broken;
    return simulation_.finally ? ask(simulation_.finally) : std::nullopt;
}

/// No job has two ends, and those of one order came to theirs in it. Only jobs of the usual priority that were due at
/// once, and not started anew, stand in one order.
std::optional<std::string> Scenario::check_ends() {
    return ask([&](Read& read) -> std::optional<std::string> {
        auto const ends = read.all<End>(
            "SELECT simulation_ends.job, what, jobs.seq AS place,"
            " CASE WHEN ordered AND rank = created_at AND first_attempt = 0 THEN slot ELSE '' END AS slot"
            " FROM simulation_ends JOIN jobs ON jobs.id = simulation_ends.job ORDER BY simulation_ends.seq",
            {});
        if (!ends) return ends.error().message;
        std::set<std::string> at_end;
        std::map<std::string, std::int64_t> last;
        for (auto const& end : *ends) {
            if (end.what == "anew") {
                at_end.erase(end.job);
                continue;
            }
            if (!at_end.insert(end.job).second) return "job " + end.job + " has two ends";
            if (end.slot.empty() || end.what != "succeeded") continue;
            auto& place = last[end.slot];
            if (end.place < place) return "jobs with an ordered key ran in another order: " + end.job + " was late";
            place = end.place;
        }
        return std::nullopt;
    });
}

void Scenario::note(std::string_view what) {
    for (char const c : what) {
        trace_ ^= static_cast<unsigned char>(c);
        trace_ *= 0x100000001b3;
    }
}

}  // namespace nexpo::simulation

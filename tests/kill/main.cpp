// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "kill/order_rig.hpp"
#include "kill/rig.hpp"
#include "support/durability/verdict.hpp"
#include "support/temp_dir.hpp"
#include "support/test_postgresql.hpp"

namespace {

using namespace nexpo::kill;
using nexpo::durability::Facts;
using nexpo::durability::Ledger;
using nexpo::durability::OrderFacts;
using nexpo::durability::OrderVerdict;
using nexpo::durability::Verdict;

constexpr auto* kUsage =
    "Usage: nexpo_kill [--cycles N] [--seconds N] [--seed S] [--workers N] [--http NEXPO-HTTP]\n"
    "                  [--postgresql DIRECTORY] [--jobs 1|careless]\n\n"
    "Kills a process with SIGKILL under load, opens the database again, repeats what was not answered, and counts.\n\n"
    "  --cycles N          how often (default 10)\n"
    "  --seconds N         stop after N seconds, if that comes first\n"
    "  --seed S            decides the calls and the moments (default 1)\n"
    "  --workers N         threads that call (default 8)\n"
    "  --http PROGRAM      kill this nexpo-http, and call it over sockets; otherwise a process that calls in-process\n"
    "  --postgresql DIR    databases on the server that `tests/support/postgresql.sh start DIR` started, not SQLite\n"
    "                      files. In two of three cycles it crashes (pg_ctl stop -m immediate) and starts again: "
    "either\n"
    "                      the callers must get through again by themselves before they are killed, or they are "
    "killed\n"
    "                      while it is away\n"
    "  --jobs 1            three processes whose calls queue jobs, and which run them; killed one after the other. At\n"
    "                      the end what was found is changed in some ways, and each must be noticed\n"
    "  --jobs careless     the control: succeeds when it is found out that handlers write their effects apart\n";

constexpr int kCyclesPerDatabase = 20;

struct Options {
    int cycles = 10;
    std::chrono::seconds time = std::chrono::hours(1'000);
    std::uint64_t seed = 1;
    bool jobs = false;
    bool careless = false;
    RigOptions rig{};
};

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        std::string_view const word = argv[i];
        if (i + 1 == argc || !word.starts_with("--")) {
            std::fputs(kUsage, stderr);
            std::exit(2);
        }
        char const* value = argv[++i];
        if (word == "--cycles") {
            options.cycles = std::stoi(value);
        } else if (word == "--seconds") {
            options.time = std::chrono::seconds(std::stoll(value));
        } else if (word == "--seed") {
            options.seed = std::stoull(value);
        } else if (word == "--workers") {
            options.rig.workers = std::stoi(value);
        } else if (word == "--http") {
            options.rig.program = value;
        } else if (word == "--jobs") {
            options.jobs = true;
            options.careless = std::string_view(value) == "careless";
        } else if (word == "--postgresql") {
            options.rig.server = std::filesystem::absolute(value).string();
        } else {
            std::fputs(kUsage, stderr);
            std::exit(2);
        }
    }
    return options;
}

struct Totals {
    int cycles = 0;
    int crashes = 0;  ///< Of the server.
    std::size_t acknowledged = 0;
    std::size_t unknown = 0;  ///< Answers `commit_unknown`.
    std::size_t repeated = 0;
    Verdict verdict{};

    void print() const {
        std::printf("cycles %d crashes %d acknowledged %zu unknown %zu repeated %zu %s\n", cycles, crashes,
                    acknowledged, unknown, repeated, verdict.summary().c_str());
        for (auto const& finding : verdict.findings) std::printf("  %s\n", finding.c_str());
    }
};

/// A database of its own.
class Place {
 public:
    explicit Place(RigOptions const& options) : rig_(options) {
        if (rig_.server.empty()) {
            rig_.database = "sqlite:" + directory_.file("nexpo.db");
        } else {
            database_.emplace(rig_.server);
            rig_.database = database_->url();
            rig_.owner = database_->url("nexpo_owner");
        }
    }

    RigOptions const& rig() const noexcept { return rig_; }

 private:
    nexpo::testing::TempDir directory_;
    std::optional<nexpo::testing::PostgresDatabase> database_;
    RigOptions rig_;
};

/// Some cycles on one database, which is looked at as a whole after each.
class Era {
 public:
    explicit Era(Options const& options) : options_(options), place_(options.rig) {
        auto rig = place_.rig();
        url_ = rig.database;
        rig_ = rig.program.empty() ? in_process_rig(std::move(rig)) : http_rig(std::move(rig));
        rig_->prepare(before_);
    }

    void cycle(int number, std::mt19937_64& random, Totals& totals) {
        nexpo::durability::Script const script{.label = "k" + std::to_string(number),
                                               .seed = options_.seed + static_cast<std::uint64_t>(number),
                                               .bundles = options_.rig.program.empty()};
        auto const answered = ledger_.answered();
        auto const left_open = ledger_.left_open();
        Blow blow{.after = std::chrono::milliseconds(random() % 300)};
        if (!options_.rig.server.empty()) blow.server = static_cast<Blow::Server>(random() % 3);
        rig_->load(script, blow, ledger_);
        if (blow.server != Blow::Server::stays) ++totals.crashes;
        totals.acknowledged += ledger_.answered() - answered;
        totals.unknown += ledger_.left_open() - left_open;
        totals.verdict.merge(rig_->reopen());
        judge(number, totals);
        auto const before_repeats = ledger_.answered();
        rig_->repeat(ledger_);
        totals.repeated += ledger_.answered() - before_repeats;
        judge(number, totals);
        ++totals.cycles;
    }

 private:
    void judge(int number, Totals& totals) const {
        auto verdict = nexpo::durability::judge(ledger_, nexpo::durability::facts_of(url_), before_);
        verdict.locate("cycle " + std::to_string(number));
        totals.verdict.merge(verdict);
    }

    Options const& options_;
    Place place_;
    std::string url_;
    std::unique_ptr<Rig> rig_;
    Facts before_;
    Ledger ledger_;
};

int run(Options const& options) {
    auto const end = std::chrono::steady_clock::now() + options.time;
    std::mt19937_64 random(options.seed);
    Totals totals;
    std::optional<Era> era;
    for (int number = 0; number < options.cycles && std::chrono::steady_clock::now() < end; ++number) {
        if (number % kCyclesPerDatabase == 0) {
            era.reset();
            era.emplace(options);
        }
        era->cycle(number, random, totals);
        // What is wrong once is wrong in every later count as well.
        if (!totals.verdict.clean()) break;
    }
    era.reset();
    totals.print();
    return totals.verdict.clean() ? 0 : 1;
}

/// What some cycles with jobs came to.
struct OrderTotals {
    int cycles = 0;
    int crashes = 0;
    std::size_t acknowledged = 0;
    std::int64_t succeeded = 0;
    std::int64_t dead = 0;
    std::int64_t cancelled = 0;
    std::string overlooked{};
    OrderVerdict verdict{};

    void print() const {
        std::printf("cycles %d crashes %d acknowledged %zu succeeded %lld dead %lld cancelled %lld %s\n", cycles,
                    crashes, acknowledged, static_cast<long long>(succeeded), static_cast<long long>(dead),
                    static_cast<long long>(cancelled), verdict.summary().c_str());
        for (auto const& finding : verdict.findings) std::printf("  %s\n", finding.c_str());
    }
};

/// Cycles with jobs on one database; at the end all of them have to come to theirs.
class OrderEra {
 public:
    explicit OrderEra(Options const& options)
        : options_(options), place_(options.rig), rig_(place_.rig(), options.careless) {
        rig_.prepare();
    }

    void cycle(int number, std::mt19937_64& random, OrderTotals& totals) {
        auto server = Blow::Server::stays;
        if (!options_.rig.server.empty()) server = static_cast<Blow::Server>(random() % 3);
        auto const answered = ledger_.answered();
        rig_.load({.label = "k" + std::to_string(number), .seed = options_.seed + static_cast<std::uint64_t>(number)},
                  server, random, ledger_);
        if (server != Blow::Server::stays) ++totals.crashes;
        totals.acknowledged += ledger_.answered() - answered;
        totals.verdict.merge(judge(ledger_, OrderFacts::load(place_.rig().database)),
                             "cycle " + std::to_string(number));
        ++totals.cycles;
    }

    void end(OrderTotals& totals) {
        if (!rig_.drain()) totals.verdict.add(&OrderVerdict::unfinished, "some jobs find no end");
        auto const facts = OrderFacts::load(place_.rig().database);
        auto const verdict = judge(ledger_, facts);
        totals.verdict.merge(verdict, "after cycle " + std::to_string(totals.cycles - 1));
        totals.succeeded += facts.count(nexpo::JobState::succeeded);
        totals.dead += facts.count(nexpo::JobState::dead);
        totals.cancelled += facts.count(nexpo::JobState::cancelled);
        if (verdict.clean()) totals.overlooked = overlooked(ledger_, facts);
    }

 private:
    Options const& options_;
    Place place_;
    OrderRig rig_;
    nexpo::durability::OrderLedger ledger_;
};

int run_orders(Options const& options) {
    auto const end = std::chrono::steady_clock::now() + options.time;
    std::mt19937_64 random(options.seed);
    OrderTotals totals;
    std::optional<OrderEra> era;
    for (int number = 0; number < options.cycles && std::chrono::steady_clock::now() < end; ++number) {
        if (number % kCyclesPerDatabase == 0) {
            if (era && !options.careless) era->end(totals);
            era.emplace(options);
        }
        era->cycle(number, random, totals);
        if (!totals.verdict.clean()) break;
    }
    if (era && !options.careless) era->end(totals);
    totals.print();
    if (options.careless) return totals.verdict.effects > 0 ? 0 : 1;
    if (!totals.overlooked.empty()) std::printf("nobody would notice %s\n", totals.overlooked.c_str());
    return totals.verdict.clean() && totals.overlooked.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc == 7 && std::string_view(argv[1]) == "--worker") {
        return run_worker(argv[2], argv[3], {.label = argv[4], .seed = std::stoull(argv[5])}, std::stoi(argv[6]));
    }
    if (argc == 8 && std::string_view(argv[1]) == "--order-worker") {
        return run_order_worker(argv[2], argv[3], {.label = argv[4], .seed = std::stoull(argv[5])}, std::stoi(argv[6]),
                                kOrderCallers, std::string_view(argv[7]) == "1");
    }
    auto const options = parse(argc, argv);
    return options.jobs ? run_orders(options) : run(options);
} catch (std::exception const& exception) {
    std::fprintf(stderr, "%s\n", exception.what());
    return 2;
}

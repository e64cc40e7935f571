// SPDX-License-Identifier: Apache-2.0
#include "kill/order_rig.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "kill/process.hpp"
#include "support/test_postgresql.hpp"

namespace nexpo::kill {

namespace {

using durability::OrderFacts;
using durability::OrderLedger;
using durability::OrderScript;
using std::chrono::milliseconds;
using testing::PostgresServer;
using Clock = std::chrono::steady_clock;

constexpr int kProcesses = 3;
constexpr std::chrono::seconds kPatience{60};

using Processes = std::vector<std::unique_ptr<Process>>;

void note(std::string const& line, OrderScript const& script, OrderLedger& ledger) {
    std::istringstream words(line);
    std::string what;
    std::string name;
    words >> what >> name;
    if (what == "b") {
        ledger.begin(script.order(name));
    } else if (what == "a") {
        std::vector<std::string> jobs;
        for (std::string job; words >> job;) jobs.push_back(job);
        ledger.answer(name, std::move(jobs));
    } else if (what == "c") {
        ledger.cancelled(name);
    }
}

void read_until(Processes const& processes, OrderScript const& script, Deadline deadline, OrderLedger& ledger) {
    bool open = true;
    do {
        open = false;
        for (auto const& process : processes) {
            while (auto const line = process->line(Clock::now() + milliseconds(1))) note(*line, script, ledger);
            open = open || !process->ended();
        }
    } while (open && Clock::now() < deadline);
}

void run(std::string const& text, Processes const& processes, OrderScript const& script, OrderLedger& ledger) {
    Process command({"/bin/sh", "-c", text});
    while (!command.ended()) {
        read_until(processes, script, Clock::now(), ledger);
        while (command.line(Clock::now() + milliseconds(5))) {
        }
    }
    if (command.wait() != 0) throw std::runtime_error("failed: " + text);
}

void await(Processes const& processes, OrderScript const& script, std::size_t answers, OrderLedger& ledger) {
    auto const wanted = ledger.answered() + answers;
    auto const patience = Clock::now() + kPatience;
    while (ledger.answered() < wanted) {
        if (Clock::now() > patience) throw std::runtime_error("no call got through");
        read_until(processes, script, Clock::now(), ledger);
    }
}

}  // namespace

void OrderRig::prepare() const {
    auto config = durability::order_config(options_.database, options_.owner);
    config.threads.jobs = 0;
    Backend::open(std::move(config)).value();
}

void OrderRig::load(OrderScript const& script, Blow::Server server, std::mt19937_64& random,
                    OrderLedger& ledger) const {
    auto const some_time = [&] { return Clock::now() + milliseconds(random() % 200); };
    Processes processes;
    for (int i = 0; i < kProcesses; ++i) {
        processes.push_back(std::make_unique<Process>(std::vector<std::string>{
            "/proc/self/exe", "--order-worker", options_.database, options_.owner, script.label,
            std::to_string(script.seed), std::to_string(i * kOrderCallers), careless_ ? "1" : "0"}));
    }
    read_until(processes, script, some_time(), ledger);
    if (server == Blow::Server::returns) await(processes, script, 1, ledger);
    if (server != Blow::Server::stays) {
        run(PostgresServer::crash_command(options_.server), processes, script, ledger);
    }
    if (server == Blow::Server::returns) {
        run(PostgresServer::start_command(options_.server), processes, script, ledger);
        await(processes, script, kProcesses * kOrderCallers, ledger);
    }
    for (auto const& process : processes) {
        process->kill();
        read_until(processes, script, some_time(), ledger);
    }
    read_until(processes, script, Clock::now() + kPatience, ledger);
    if (server == Blow::Server::falls) run(PostgresServer::start_command(options_.server), processes, script, ledger);
}

bool OrderRig::drain() const {
    auto config = durability::order_config(options_.database, options_.owner);
    config.threads.jobs = 4;
    auto const backend = Backend::open(std::move(config)).value();
    auto const patience = Clock::now() + kPatience;
    while (OrderFacts::load(options_.database).unfinished > 0) {
        if (Clock::now() > patience) return false;
    }
    return true;
}

}  // namespace nexpo::kill

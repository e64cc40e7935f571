// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "kill/process.hpp"
#include "kill/rig.hpp"
#include "support/durability/door.hpp"
#include "support/test_postgresql.hpp"

namespace nexpo::kill {

namespace {

using durability::Answer;
using durability::Ledger;
using durability::Script;
using std::chrono::milliseconds;
using testing::PostgresServer;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{60};

int number_at_end(std::string const& text) {
    return std::stoi(text.substr(text.rfind('-') + 1));
}

/// Threads of another process call the library in theirs.
class InProcessRig final : public Rig {
 public:
    explicit InProcessRig(RigOptions options) : options_(std::move(options)) {}

    void prepare(durability::Facts& before) override { before = {}; }

    void load(Script const& script, Blow blow, Ledger& ledger) override {
        Process worker({"/proc/self/exe", "--worker", options_.database, options_.owner, script.label,
                        std::to_string(script.seed), std::to_string(options_.workers)});
        read_until(worker, script, Clock::now() + blow.after, ledger);
        // A worker that finds no server at its start says so and ends.
        if (blow.server == Blow::Server::returns) await(worker, script, 1, ledger);
        if (blow.server != Blow::Server::stays) {
            run(PostgresServer::crash_command(options_.server), worker, script, ledger);
        }
        if (blow.server == Blow::Server::returns) {
            run(PostgresServer::start_command(options_.server), worker, script, ledger);
            await(worker, script, static_cast<std::size_t>(options_.workers) * 10, ledger);
        }
        if (worker.ended() && blow.server != Blow::Server::falls)
            throw std::runtime_error("the worker ended by itself");
        worker.kill();
        read_until(worker, script, Clock::now() + kPatience, ledger);
        if (!worker.ended()) throw std::runtime_error("a dead worker's output has no end");
        if (blow.server == Blow::Server::falls) {
            run(PostgresServer::start_command(options_.server), worker, script, ledger);
        }
    }

    durability::Verdict reopen() override {
        backend_ = Backend::open(durability::durable_config(options_.database, options_.owner)).value();
        return durability::judge_audit(*backend_);
    }

    void repeat(Ledger& ledger) override {
        durability::repeat_unanswered(*durability::backend_door(*backend_), ledger);
        backend_->close();
        backend_.reset();
    }

 private:
    static void read_until(Process& worker, Script const& script, Deadline deadline, Ledger& ledger) {
        while (auto const line = worker.line(deadline)) note(*line, script, ledger);
    }

    static void note(std::string const& line, Script const& script, Ledger& ledger) {
        std::istringstream words(line);
        std::string what;
        words >> what;
        if (what == "b") {
            int worker = 0;
            std::string name;
            words >> worker >> name;
            ledger.begin(script.subject(worker, number_at_end(name)));
        } else if (what == "a") {
            std::string name;
            Answer answer{.ok = true};
            words >> name >> answer.version >> answer.id;
            ledger.answer(name, answer);
        } else if (what == "u") {
            ledger.leave_open();
        }
    }

    /// Runs a shell command while the load goes on.
    static void run(std::string const& text, Process& worker, Script const& script, Ledger& ledger) {
        Process command({"/bin/sh", "-c", text});
        while (!command.ended()) {
            read_until(worker, script, Clock::now() + milliseconds(5), ledger);
            while (command.line(Clock::now() + milliseconds(5))) {
            }
        }
        if (command.wait() != 0) throw std::runtime_error("failed: " + text);
    }

    /// Reads until there are so many more answers.
    static void await(Process& worker, Script const& script, std::size_t answers, Ledger& ledger) {
        auto const wanted = ledger.answered() + answers;
        auto const patience = Clock::now() + kPatience;
        while (ledger.answered() < wanted) {
            auto const line = worker.line(patience);
            if (!line) throw std::runtime_error("no call got through");
            note(*line, script, ledger);
        }
    }

    RigOptions options_;
    std::optional<Backend> backend_;
};

}  // namespace

std::unique_ptr<Rig> in_process_rig(RigOptions options) {
    return std::make_unique<InProcessRig>(std::move(options));
}

}  // namespace nexpo::kill

// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "kill/process.hpp"
#include "kill/rig.hpp"
#include "support/durability/door.hpp"

namespace nexpo::kill {

namespace {

using durability::Answer;
using durability::Ledger;
using durability::Script;
using std::chrono::milliseconds;
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

    void load(Script const& script, milliseconds time, Ledger& ledger) override {
        Process worker({"/proc/self/exe", "--worker", options_.database, script.label, std::to_string(script.seed),
                        std::to_string(options_.workers)});
        auto const end = Clock::now() + time;
        read_until(worker, script, end, ledger);
        if (!options_.crash_server.empty()) crash_server(worker, script, ledger);
        if (worker.ended()) throw std::runtime_error("the worker ended by itself");
        worker.kill();
        read_until(worker, script, Clock::now() + kPatience, ledger);
        if (!worker.ended()) throw std::runtime_error("a dead worker's output has no end");
    }

    durability::Verdict reopen() override {
        backend_ = Backend::open(durability::durable_config(options_.database)).value();
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
        }
    }

    /// Under load, and the clients must find their way back by themselves.
    void crash_server(Process& worker, Script const& script, Ledger& ledger) const {
        Process command({"/bin/sh", "-c", options_.crash_server});
        while (!command.ended()) {
            read_until(worker, script, Clock::now() + milliseconds(5), ledger);
            while (command.line(Clock::now())) {
            }
        }
        if (command.wait() != 0) throw std::runtime_error("the server could not be crashed and restarted");
        auto const wanted = ledger.answered() + static_cast<std::size_t>(options_.workers) * 10;
        auto const patience = Clock::now() + kPatience;
        while (ledger.answered() < wanted) {
            auto const line = worker.line(patience);
            if (!line) throw std::runtime_error("no worker got through again after the server's restart");
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

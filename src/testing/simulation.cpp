// SPDX-License-Identifier: Apache-2.0
#include "nexpo/testing/simulation.hpp"

#include <filesystem>
#include <system_error>

#include "testing/scenario.hpp"

namespace nexpo::work {
std::vector<Migration> const& migrations();
}
namespace nexpo::operation {
std::vector<Migration> const& migrations();
}

namespace nexpo::inline v1::testing {

namespace {

/// Every so many scenarios one is run a second time.
constexpr std::uint64_t kRepeated = 1'000;

Error invalid(char const* field, char const* message) {
    return {Errc::invalid_argument, "validation_failed", "the simulation is not sound", {{field, "range", message}}};
}

Result<void> check(Simulation const& simulation) {
    if (simulation.file.empty()) return invalid("/file", "must name a file");
    if (!simulation.call) return invalid("/call", "must be given");
    if (simulation.nodes < 1 || simulation.nodes > 16) return invalid("/nodes", "must be 1 to 16");
    if (simulation.calls < 1) return invalid("/calls", "must be at least 1");
    if (simulation.steps < 10) return invalid("/steps", "must be at least 10");
    if (simulation.lease < std::chrono::seconds(1)) return invalid("/lease", "must be at least a second");
    std::error_code unknown;
    if (std::filesystem::exists(simulation.file, unknown)) return invalid("/file", "must not exist yet");
    return {};
}

/// Removes the file at the end.
class Scratch {
 public:
    explicit Scratch(std::string const& file) : file_(file) {}
    Scratch(Scratch const&) = delete;
    Scratch& operator=(Scratch const&) = delete;
    ~Scratch() {
        for (auto const* ending : {"", "-wal", "-shm"}) {
            std::error_code ignored;  // what is left there is refused by the next run
            std::filesystem::remove(file_ + ending, ignored);
        }
    }

 private:
    std::string file_;
};

/// The kinds, none of whose jobs is forgotten before it has been looked at.
Result<work::Kinds> kinds_of(Simulation const& simulation) {
    auto contents = simulation.jobs.contents();
    for (auto& job : contents.jobs) {
        job.kind.keep = std::chrono::hours(24 * 365);
        job.kind.keep_dead = job.kind.keep;
    }
    return work::Kinds::make(std::move(contents));
}

Result<void> migrate(simulation::SimulatedDatabase& database, Simulation const& simulation) {
    auto all = operation::migrations();
    for (auto const* more : {&work::migrations(), &simulation::migrations(), &simulation.migrations}) {
        all.insert(all.end(), more->begin(), more->end());
    }
    return database.migrate(all);
}

}  // namespace

Result<SimulationReport> Simulation::run(std::uint64_t seed, std::uint64_t scenarios) const {
    if (auto sound = check(*this); !sound) return std::move(sound).error();
    auto const kinds = kinds_of(*this);
    if (!kinds) return kinds.error();
    Scratch const scratch(file);
    auto const database = simulation::SimulatedDatabase::open(file);
    if (!database) return database.error();
    if (auto migrated = migrate(**database, *this); !migrated) return std::move(migrated).error();
    (*database)->sabotage = sabotage;

    SimulationReport report;
    for (; report.scenarios < scenarios && !report.violation; ++report.scenarios) {
        auto const at = seed + report.scenarios;
        simulation::Scenario scenario(*this, *kinds, **database, at);
        report.violation = scenario.run();
        report.trace = report.trace * 31 + scenario.trace();
        if (!report.violation && report.scenarios % kRepeated == 0) {
            simulation::Scenario again(*this, *kinds, **database, at);
            static_cast<void>(again.run());
            if (again.trace() != scenario.trace()) report.violation = "it went another way the second time";
        }
        if (report.violation) report.seed = at;
    }
    return report;
}

}  // namespace nexpo::inline v1::testing

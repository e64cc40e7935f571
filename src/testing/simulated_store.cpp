// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulated_store.hpp"

#include <utility>

#include "store/migrate.hpp"
#include "store/run_closure.hpp"

namespace nexpo::work {
std::vector<Migration> const& migrations();
}
namespace nexpo::operation {
std::vector<Migration> const& migrations();
}

namespace nexpo::simulation {

namespace {

constexpr std::size_t kFaultOneIn = 12;

Error unavailable() {
    return {Errc::unavailable, "storage_failed", "a fault of the scenario"};
}

}  // namespace

SimulatedDatabase::SimulatedDatabase(std::string const& path)
    : connection_(store::SqliteConnection::open(path, store::SqliteConnection::Mode::write, {.clock = system_clock()})
                      .value()) {
    std::vector<Migration> migrations = operation::migrations();
    migrations.insert(migrations.end(), work::migrations().begin(), work::migrations().end());
    migrations.push_back(
        {"simulation", 1, "effects", "CREATE TABLE effects (seq INTEGER PRIMARY KEY, job TEXT NOT NULL) STRICT;"});
    connection_->run("BEGIN IMMEDIATE").value();
    store::apply_migrations(*connection_, migrations, Timestamp()).value();
    connection_->run("COMMIT").value();
}

void SimulatedDatabase::begin_scenario() {
    if (connection_->in_transaction()) connection_->run("ROLLBACK").value();
    connection_->run("BEGIN IMMEDIATE").value();
}

Result<void> SimulatedDatabase::read(store::Store::ReadFunction function) {
    connection_->failure.reset();
    Read read(*connection_);
    return function(read);
}

Result<void> SimulatedDatabase::commit(store::Store::WriteClosure const& closure) {
    connection_->run("SAVEPOINT closure").value();
    auto result = store::run_closure(closure, *connection_);
    if (!result && !sabotage) connection_->run("ROLLBACK TO closure").value();
    connection_->run("RELEASE closure").value();
    return result;
}

Result<void> SimulatedStore::read(store::Access const&, store::ReadLimits const&, ReadFunction function) {
    if (faulty && chance_.one_in(kFaultOneIn)) return unavailable();
    return database_.read(function);
}

void SimulatedStore::write(store::Access, WriteClosure closure, WriteDone done) {
    if (puts_off) {
        unsettled_.push_back({std::move(closure), std::move(done)});
    } else {
        commit(closure, done);
    }
}

void SimulatedStore::settle_one() {
    auto const at = unsettled_.begin() + static_cast<std::ptrdiff_t>(chance_.below(unsettled_.size()));
    auto const unsettled = std::move(*at);
    unsettled_.erase(at);
    commit(unsettled.closure, unsettled.done);
}

void SimulatedStore::commit(WriteClosure const& closure, WriteDone const& done) {
    if (faulty && chance_.one_in(kFaultOneIn)) return done(unavailable());
    auto result = database_.commit(closure);
    // The server committed, and its answer was lost.
    if (result && faulty && chance_.one_in(kFaultOneIn)) result = unavailable();
    done(std::move(result));
}

}  // namespace nexpo::simulation

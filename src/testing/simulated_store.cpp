// SPDX-License-Identifier: Apache-2.0
#include "testing/simulated_store.hpp"

#include <utility>

#include "store/migrate.hpp"
#include "store/run_closure.hpp"

namespace nexpo::simulation {

namespace {

constexpr std::size_t kFaultOneIn = 12;

Error unavailable() {
    return {Errc::unavailable, "storage_failed", "a fault of the scenario"};
}

}  // namespace

Result<std::unique_ptr<SimulatedDatabase>> SimulatedDatabase::open(std::string const& path) {
    auto connection =
        store::SqliteConnection::open(path, store::SqliteConnection::Mode::write, {.clock = system_clock()});
    if (!connection) return std::move(connection).error();
    return std::unique_ptr<SimulatedDatabase>(new SimulatedDatabase(std::move(*connection)));
}

Result<void> SimulatedDatabase::migrate(std::span<Migration const> migrations) {
    if (auto begun = connection_->run("BEGIN IMMEDIATE"); !begun) return begun;
    auto applied = store::apply_migrations(*connection_, migrations, Timestamp());
    return applied ? connection_->run("COMMIT") : applied;
}

Result<void> SimulatedDatabase::begin_scenario() {
    if (connection_->in_transaction()) {
        if (auto ended = connection_->run("ROLLBACK"); !ended) return ended;
    }
    return connection_->run("BEGIN IMMEDIATE");
}

Result<void> SimulatedDatabase::read(store::Store::ReadFunction function) {
    connection_->failure.reset();
    Read read(*connection_);
    return function(read);
}

Result<void> SimulatedDatabase::commit(store::Store::WriteClosure const& closure) {
    if (auto begun = connection_->run("SAVEPOINT closure"); !begun) return begun;
    auto result = store::run_closure(closure, *connection_);
    auto undone = result || sabotage ? Result<void>() : connection_->run("ROLLBACK TO closure");
    auto const released = connection_->run("RELEASE closure");
    if (!undone) return undone;
    return released ? result : released;
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

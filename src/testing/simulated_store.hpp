// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <random>
#include <span>
#include <string>

#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/random.hpp"
#include "nexpo/testing/simulation.hpp"
#include "store/sqlite/sqlite_connection.hpp"
#include "store/store.hpp"

namespace nexpo::simulation {

/// Everything random of one scenario, and its clock.
class Chance final : public testing::SimulatedChance {
 public:
    explicit Chance(std::uint64_t seed)
        : engine_(seed),
          clock_(std::make_shared<testing::ManualClock>()),
          random_(std::make_shared<testing::SeededRandom>(seed)) {}

    std::uint64_t below(std::uint64_t limit) override { return engine_() % limit; }
    Timestamp now() const override { return clock_->now(); }
    Random& random() override { return *random_; }

    std::shared_ptr<testing::ManualClock> const& clock() const noexcept { return clock_; }
    std::shared_ptr<testing::SeededRandom> const& shared_random() const noexcept { return random_; }

 private:
    std::mt19937_64 engine_;
    std::shared_ptr<testing::ManualClock> clock_;
    std::shared_ptr<testing::SeededRandom> random_;
};

/// The database that the nodes of a scenario share: a real one, in which a scenario is one transaction that is rolled
/// back at its end, and a commit is a savepoint that is released.
class SimulatedDatabase {
 public:
    /// A new file, without its tables.
    static Result<std::unique_ptr<SimulatedDatabase>> open(std::string const& path);

    Result<void> migrate(std::span<Migration const> migrations);
    Result<void> begin_scenario();
    Result<void> read(store::Store::ReadFunction function);
    /// With `sabotage` a closure that fails leaves what it wrote, which must be found out.
    Result<void> commit(store::Store::WriteClosure const& closure);

    bool sabotage = false;

 private:
    explicit SimulatedDatabase(std::unique_ptr<store::SqliteConnection> connection)
        : connection_(std::move(connection)) {}

    std::unique_ptr<store::SqliteConnection> connection_;
};

/// The database as one node sees it. Its commits may fail, may succeed and be reported as failed, and may come when the
/// scenario wants them to.
class SimulatedStore final : public store::Store {
 public:
    SimulatedStore(SimulatedDatabase& database, Chance& chance) : database_(database), chance_(chance) {}

    Result<void> migrate(std::span<Migration const>) override { return {}; }
    Result<void> read(store::Access const& access, store::ReadLimits const& limits, ReadFunction function) override;
    void write(store::Access access, WriteClosure closure, WriteDone done) override;
    store::StoreStats stats() const override { return {}; }
    store::Signals& signals() noexcept override { return signals_; }
    void close() override {}

    /// Makes one of the commits that were put off.
    void settle_one();
    bool has_unsettled() const noexcept { return !unsettled_.empty(); }

    bool puts_off = false;
    bool faulty = true;

 private:
    struct Unsettled {
        WriteClosure closure;
        WriteDone done;
    };

    void commit(WriteClosure const& closure, WriteDone const& done);

    SimulatedDatabase& database_;
    Chance& chance_;
    store::Signals signals_;
    std::deque<Unsettled> unsettled_;
};

}  // namespace nexpo::simulation

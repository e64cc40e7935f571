// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>

#include "nexpo/testing/clock.hpp"
#include "store/sqlite/sqlite_connection.hpp"
#include "store/store.hpp"

namespace nexpo::simulation {

/// Everything random of one scenario.
class Chance {
 public:
    explicit Chance(std::uint64_t seed) : engine_(seed) {}

    /// 0 to `limit` - 1.
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(engine_() % limit); }
    /// True once in `times`.
    bool one_in(std::size_t times) { return below(times) == 0; }

 private:
    std::mt19937_64 engine_;
};

/// The database that the nodes of a scenario share: a real one, in which a scenario is one transaction that is rolled
/// back at its end, and a commit is a savepoint that is released.
class SimulatedDatabase {
 public:
    explicit SimulatedDatabase(std::string const& path);

    void begin_scenario();
    Result<void> read(store::Store::ReadFunction function);
    /// With `sabotage` a closure that fails leaves what it wrote, which must be found out.
    Result<void> commit(store::Store::WriteClosure const& closure);

    bool sabotage = false;

 private:
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

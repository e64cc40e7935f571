// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "kill/rig.hpp"
#include "support/durability/order_verdict.hpp"

namespace nexpo::kill {

/// Several processes on one database, each of which places orders and runs their jobs. They are killed one after the
/// other, so that those that are left take over what the dead ones had.
class OrderRig {
 public:
    /// With `careless` the handlers' effects are not committed with the ends of their jobs, which must be found out.
    OrderRig(RigOptions options, bool careless) : options_(std::move(options)), careless_(careless) {}

    /// Makes the tables.
    void prepare() const;
    /// Sends load until the last process is killed.
    void load(durability::OrderScript const& script, Blow::Server server, std::mt19937_64& random,
              durability::OrderLedger& ledger) const;
    /// Runs what is due until nothing is left; false when something is left after a while.
    bool drain() const;

 private:
    RigOptions options_;
    bool careless_;
};

/// The program that the rig starts: this one with the arguments after `--order-worker`.
int run_order_worker(std::string const& database, std::string const& owner, durability::OrderScript const& script,
                     int first_caller, int callers, bool careless);

/// The threads of one process that place orders.
inline constexpr int kOrderCallers = 3;

}  // namespace nexpo::kill

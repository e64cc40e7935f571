// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "support/durability/facts.hpp"
#include "support/durability/ledger.hpp"
#include "support/durability/verdict.hpp"

namespace nexpo::kill {

struct RigOptions {
    std::string database{};      ///< URL.
    std::string program{};       ///< `nexpo-http`, for the rig over HTTP.
    std::string crash_server{};  ///< Shell command that kills and restarts the database's server; empty: none.
    int workers = 8;
};

/// Something that writes to the database and can be killed.
class Rig {
 public:
    Rig() = default;
    Rig(Rig const&) = delete;
    Rig& operator=(Rig const&) = delete;
    virtual ~Rig() = default;

    /// Opens a fresh database and notes in `before` what stands in it.
    virtual void prepare(durability::Facts& before) = 0;
    /// Sends load until it is killed after `time`, with a random phase of starting up included.
    virtual void load(durability::Script const& script, std::chrono::milliseconds time, durability::Ledger& ledger) = 0;
    /// Opens the database again, and examines the sealed audit where it can.
    virtual durability::Verdict reopen() = 0;
    /// Repeats what was left unanswered.
    virtual void repeat(durability::Ledger& ledger) = 0;
};

std::unique_ptr<Rig> in_process_rig(RigOptions options);
std::unique_ptr<Rig> http_rig(RigOptions options);

/// The program that `in_process_rig` starts: this one with the arguments after `--worker`.
int run_worker(std::string const& database, durability::Script const& script, int workers);

}  // namespace nexpo::kill

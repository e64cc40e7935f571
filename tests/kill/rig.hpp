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
    std::string database{};  ///< URL.
    std::string owner{};     ///< URL of the role that owns the tables; empty: that of `database`.
    std::string program{};   ///< `nexpo-http`, for the rig over HTTP.
    std::string server{};    ///< Directory of the database's server (`tests/support/postgresql.sh`); empty: none.
    int workers = 8;
};

/// What dies, and when.
struct Blow {
    enum class Server : std::uint8_t {
        stays,    ///< Only the callers are killed.
        returns,  ///< It crashes under load; the callers are killed once they got through again by themselves.
        falls,    ///< It crashes, and the callers are killed before it is back.
    };

    std::chrono::milliseconds after{};  ///< From the start of the callers, who may still be starting up.
    Server server = Server::stays;
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
    /// Sends load until it is killed.
    virtual void load(durability::Script const& script, Blow blow, durability::Ledger& ledger) = 0;
    /// Opens the database again, and examines the sealed audit where it can.
    virtual durability::Verdict reopen() = 0;
    /// Repeats what was left unanswered.
    virtual void repeat(durability::Ledger& ledger) = 0;
};

/// What says that a write may be done or not.
inline constexpr auto* kCommitUnknown = "unavailable commit_unknown";

/// Whether to send a step once more: the database is away, or its answer to a commit is lost. Tells of other refusals,
/// which nobody expects.
bool worth_repeating(durability::Answer const& answer);

std::unique_ptr<Rig> in_process_rig(RigOptions options);
std::unique_ptr<Rig> http_rig(RigOptions options);

/// The program that `in_process_rig` starts: this one with the arguments after `--worker`.
int run_worker(std::string const& database, std::string const& owner, durability::Script const& script, int workers);

}  // namespace nexpo::kill

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nexpo/backend.hpp"
#include "support/durability/facts.hpp"
#include "support/durability/ledger.hpp"

namespace nexpo::durability {

/// Where a database disagrees with what its callers know. All zero when it kept its promises.
struct Verdict {
    std::int64_t lost = 0;                ///< Answered, and not there.
    std::int64_t doubled = 0;             ///< There more often than it was sent, or from nobody.
    std::int64_t unaudited = 0;           ///< There without its audit row, events or idempotency record.
    std::int64_t halved = 0;              ///< There in part.
    std::int64_t damaged = 0;             ///< The database cannot be opened, or says itself that it is broken.
    std::vector<std::string> findings{};  ///< The first few, in words.

    bool clean() const { return lost + doubled + unaudited + halved + damaged == 0; }
    void add(std::int64_t Verdict::*count, std::string finding);
    void merge(Verdict const& other);
    /// Says of each finding where it was made.
    void locate(std::string const& place);
    /// `lost 0 doubled 0 unaudited 0 halved 0 damaged 0`
    std::string summary() const;
};

/// Compares what stands in the database with what callers know. `before` is what stood there before the first of them.
Verdict judge(Ledger const& ledger, Facts const& facts, Facts const& before);

/// Whether the sealed part of the audit is as it was sealed.
Verdict judge_audit(Backend const& backend);

}  // namespace nexpo::durability

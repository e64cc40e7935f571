// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/durability/order.hpp"

namespace nexpo::durability {

/// Where the jobs in a database disagree with what their callers know. All zero when nothing was lost or done twice.
struct OrderVerdict {
    std::int64_t lost = 0;        ///< Orders and jobs that were answered, and are not there as answered.
    std::int64_t effects = 0;     ///< Effects that are missing, doubled, or nobody's.
    std::int64_t ends = 0;        ///< Jobs with two ends, or with another one than their state says.
    std::int64_t disordered = 0;  ///< Jobs that overtook another one with their key.
    std::int64_t unfinished = 0;  ///< Jobs that found no end although nothing disturbed them any more.
    std::vector<std::string> findings{};

    bool clean() const { return lost + effects + ends + disordered + unfinished == 0; }
    void add(std::int64_t OrderVerdict::*count, std::string finding);
    void merge(OrderVerdict const& other, std::string const& place);
    /// `lost 0 effects 0 ends 0 disordered 0 unfinished 0`
    std::string summary() const;
};

struct JobFact {
    std::string id{};
    std::string kind{};
    JobState state = JobState::ready;
    Json payload{};
    std::optional<std::string> unique_key{};
};

struct EffectFact {
    std::string job{};
    std::string line{};
};

struct EndFact {
    std::string job{};
    JobState state = JobState::succeeded;
};

/// What stands in a database, read past the backend.
struct OrderFacts {
    std::vector<std::string> orders{};
    std::vector<JobFact> jobs{};        ///< In the order in which they were queued.
    std::vector<EffectFact> effects{};  ///< In the order in which they happened.
    std::vector<EndFact> ends{};
    std::int64_t unfinished = 0;  ///< Jobs that are due and not at their end.

    static OrderFacts load(std::string const& url);
    /// Jobs in this state.
    std::int64_t count(JobState state) const;
};

/// Compares what stands in a database with what callers know, at whatever moment.
OrderVerdict judge(OrderLedger const& ledger, OrderFacts const& facts);

/// Changes the facts in one way after the other, and answers the first that `judge` does not find out; empty: it finds
/// them all.
std::string overlooked(OrderLedger const& ledger, OrderFacts const& facts);

}  // namespace nexpo::durability

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nexpo/random.hpp"
#include "operation/audit_key.hpp"
#include "store/store.hpp"

namespace nexpo::operation {

/// What a sealing has done.
struct SealOutcome {
    std::int64_t sealed = 0;
    /// Organizations whose chain does not end as it was signed, so that nothing is added to it: what somebody changed
    /// must not be signed as if nothing had happened.
    std::vector<std::string> broken{};
};

/// Chains committed audit rows and signs the ends of the chains. Thread-safe; several processes may do it at once.
class AuditSeal {
 public:
    AuditSeal(store::Store& store, store::Scope scope, AuditKey key, std::shared_ptr<Clock> clock,
              std::shared_ptr<Random> random);

    /// Seals what has been committed until now: reads it and makes the links beside the writer, then adds them in
    /// transactions of at most `kBatch` rows. Errors: the store's.
    Result<SealOutcome> run() const;

    /// Kept small, so that the calls that wait for the writer meanwhile do not wait for long.
    static constexpr std::int64_t kBatch = 500;

 private:
    /// Rows that follow the end of a chain.
    struct Links {
        struct Link {
            std::string id;
            std::string hash;
        };
        AuditHead from;
        AuditHead to;
        std::vector<Link> links;
    };

    Result<std::vector<Links>> look(Read const& read, SealOutcome& outcome) const;
    Result<void> write(Transaction const& tx, Links const& links) const;

    store::Store& store_;
    store::Scope scope_;
    AuditKey key_;
    std::shared_ptr<Clock> clock_;
    std::shared_ptr<Random> random_;
};

}  // namespace nexpo::operation

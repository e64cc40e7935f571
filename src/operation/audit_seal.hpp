// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "nexpo/random.hpp"
#include "operation/audit_key.hpp"
#include "store/store.hpp"

namespace nexpo::operation {

/// Chains committed audit rows and signs the ends of the chains. Thread-safe; several processes may do it at once.
class AuditSeal {
 public:
    AuditSeal(store::Store& store, store::Scope scope, AuditKey key, std::shared_ptr<Clock> clock,
              std::shared_ptr<Random> random);

    /// Seals what has been committed until now, in transactions of at most `kBatch` rows, and answers how many rows
    /// that were. Errors: the store's.
    Result<std::int64_t> run() const;

    /// Kept small, so that the calls that wait for the writer meanwhile do not wait for long.
    static constexpr std::int64_t kBatch = 500;

 private:
    Result<std::int64_t> seal_batch(Transaction const& tx) const;

    store::Store& store_;
    store::Scope scope_;
    AuditKey key_;
    std::shared_ptr<Clock> clock_;
    std::shared_ptr<Random> random_;
};

}  // namespace nexpo::operation

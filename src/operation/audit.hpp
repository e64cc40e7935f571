// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "operation/call_state.hpp"
#include "store/sql_session.hpp"

namespace nexpo::operation {

/// Writes who did what, in the same transaction. `outcome` is `ok` or the reason of a refusal that left a trace.
Result<void> write_audit_entry(TransactionState const& transaction, CallState const& call, std::string_view outcome);

/// Who a caller is in one word, for audit and limits: `acc_…`, `key_…`, `system`, or `anonymous`.
std::string_view actor_of(Caller const& caller);

/// Sums denied calls per caller, operation and minute in memory, so that an attack costs one row a minute. Thread-safe.
class DenialSums {
 public:
    struct Row {
        std::string organization_id;
        std::string actor;
        std::string operation;
        Timestamp minute;
        std::string reason;
        std::int64_t count = 0;
    };

    void count(Caller const& caller, std::string_view address, std::string_view operation, std::string_view reason,
               Timestamp now);
    /// Takes out the sums of minutes that have passed, or all.
    std::vector<Row> take_before(Timestamp moment);

    static Result<void> write(Transaction const& tx, std::vector<Row> const& rows);

 private:
    using Key = std::tuple<Timestamp, std::string, std::string, std::string, std::string>;

    std::mutex mutex_;
    std::map<Key, std::int64_t> sums_;
};

}  // namespace nexpo::operation

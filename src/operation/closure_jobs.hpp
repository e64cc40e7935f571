// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "operation/ports.hpp"
#include "store/sql_session.hpp"

namespace nexpo::operation {

/// The jobs that one closure queues.
class ClosureJobs final : public TransactionJobs {
 public:
    ClosureJobs(JobQueue& queue, WorkOrigin origin) : queue_(queue), origin_(origin) {}

    Result<std::string> enqueue(Transaction const& tx, TransactionState& state, std::string_view kind,
                                StructType const& type, void const* input, JobOptions const& options) override {
        auto id = queue_.enqueue(tx, origin_, kind, type, input, options);
        if (id && !wakes_) {
            wakes_ = true;
            state.after_commit.emplace_back([&queue = queue_] { queue.wake(); });
        }
        return id;
    }

 private:
    JobQueue& queue_;
    WorkOrigin origin_;
    bool wakes_ = false;
};

}  // namespace nexpo::operation

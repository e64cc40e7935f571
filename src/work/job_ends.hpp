// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/store.hpp"
#include "work/job_run_state.hpp"

namespace nexpo::work {

/// Ends jobs that wrote nothing of their own, many with one transaction: those that come while one is being committed
/// share the next. Thread-safe.
class JobEnds {
 public:
    struct End {
        std::shared_ptr<JobRunState> attempt;
        std::string result;
        /// Told whether the job has succeeded; `aborted` (`job_lost`) when another worker has it.
        std::function<void(Result<void>)> done;
    };

    JobEnds(store::Store& store, std::shared_ptr<Clock> clock) : store_(store), clock_(std::move(clock)) {}

    void add(End end);

 private:
    using Group = std::vector<End>;

    void commit(std::shared_ptr<Group> group, bool alone);
    void commit_next();
    void settle(Group& group, std::vector<std::string> const& held, Result<void> const& result);

    store::Store& store_;
    std::shared_ptr<Clock> clock_;
    std::mutex mutex_;
    std::shared_ptr<Group> waiting_;
    bool busy_ = false;
};

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "nexpo/operation.hpp"
#include "nexpo/work.hpp"
#include "operation/ports.hpp"

namespace nexpo::work {

/// What the owners of jobs see and may do. Stateless.
class JobService {
 public:
    /// `stop` asks an attempt of this process at the job to stop.
    JobService(operation::JobQueue& queue, std::function<void(std::string_view)> stop)
        : queue_(queue), stop_(std::move(stop)) {}

    static Reply<Job> get(Call& call, GetJob const& input);
    static Reply<Page<Job>> list(Call& call, ListJobs const& input);
    Reply<Job> cancel(Call& call, CancelJob const& input);
    Reply<Job> retry(Call& call, RetryJob const& input);
    Reply<ReplayedJobs> replay(Call& call, ReplayJobs const& input);

 private:
    operation::JobQueue& queue_;
    std::function<void(std::string_view)> stop_;
};

/// Declares `jobs.…`.
void add_operations(OperationTable& table, JobService& service);

}  // namespace nexpo::work

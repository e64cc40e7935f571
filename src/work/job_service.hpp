// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "nexpo/operation.hpp"
#include "nexpo/work.hpp"
#include "operation/ports.hpp"
#include "store/signals.hpp"
#include "work/kinds.hpp"

namespace nexpo::work {

/// Sent with the id of a job that is called off while it runs.
inline constexpr std::string_view kJobCancelled = "job_cancelled";

/// What the owners of jobs see and may do. Stateless; what it is made of outlives it.
class JobService {
 public:
    JobService(Kinds const& kinds, operation::JobQueue& queue, store::Signals& signals)
        : kinds_(kinds), queue_(queue), signals_(signals) {}

    static Reply<Job> get(Call& call, GetJob const& input);
    static Reply<Page<Job>> list(Call& call, ListJobs const& input);
    Reply<Job> cancel(Call& call, CancelJob const& input);
    Reply<Job> retry(Call& call, RetryJob const& input);
    Reply<ReplayedJobs> replay(Call& call, ReplayJobs const& input);

 private:
    Kinds const& kinds_;
    operation::JobQueue& queue_;
    store::Signals& signals_;
};

/// Declares `jobs.…`.
void add_operations(OperationTable& table, JobService& service);

}  // namespace nexpo::work

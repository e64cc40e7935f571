// SPDX-License-Identifier: Apache-2.0
#include "work/job_service.hpp"

namespace nexpo::work {

namespace {

Reason const kNotFound{Errc::not_found, "job_not_found"};
/// Not jobs:read, which members have: inputs of jobs may hold what they may not read elsewhere.
constexpr char const* kPermission = "jobs:manage";

}  // namespace

void add_operations(OperationTable& table, JobService& service) {
    table.add<ListJobs, Page<Job>>(
        {.info = {.name = "jobs.list",
                  .summary = "List the organization's background jobs in the order in which they were queued",
                  .rest = "GET /jobs",
                  .permission = kPermission,
                  .reasons = {{Errc::invalid_argument, "cursor_invalid"}}},
         .handler = [](Call& call, ListJobs const& input) { return JobService::list(call, input); }});
    table.add<GetJob, Job>({.info = {.name = "jobs.get",
                                     .summary = "Get one background job",
                                     .rest = "GET /jobs/{id}",
                                     .permission = kPermission,
                                     .reasons = {kNotFound}},
                            .handler = [](Call& call, GetJob const& input) { return JobService::get(call, input); }});
    table.add<CancelJob, Job>(
        {.info = {.name = "jobs.cancel",
                  .summary = "Call a background job off",
                  .description = "One that is running is asked to stop, and is cancelled unless it succeeds all the "
                                 "same.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /jobs/{id}/cancel",
                  .permission = kPermission,
                  .reasons = {kNotFound, {Errc::failed_precondition, "job_finished"}}},
         .handler = [&](Call& call, CancelJob const& input) { return service.cancel(call, input); }});
    table.add<RetryJob, Job>(
        {.info = {.name = "jobs.retry",
                  .summary = "Start a background job that has stopped anew",
                  .description = "A dead or cancelled job gets all its attempts again; one that waits for its time "
                                 "runs at once.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /jobs/{id}/retry",
                  .permission = kPermission,
                  .reasons = {kNotFound,
                              {Errc::failed_precondition, "job_not_stopped"},
                              {Errc::already_exists, "job_not_unique"}}},
         .handler = [&](Call& call, RetryJob const& input) { return service.retry(call, input); }});
    table.add<ReplayJobs, ReplayedJobs>(
        {.info = {.name = "jobs.replay",
                  .summary = "Start dead background jobs anew",
                  .description = "All that fit the ids, the kind and the time, the oldest first; those whose unique "
                                 "key another job has stay dead.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /jobs/replay",
                  .permission = kPermission},
         .handler = [&](Call& call, ReplayJobs const& input) { return service.replay(call, input); }});
}

}  // namespace nexpo::work

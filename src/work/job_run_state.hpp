// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "nexpo/random.hpp"
#include "nexpo/work.hpp"
#include "store/store.hpp"
#include "work/job_store.hpp"

namespace nexpo::inline v1 {

/// One attempt, as its handler and the engine see it.
struct JobRunState {
    JobRunState(work::ClaimedJob claimed, AnyJob const& of_kind, store::Store& in, std::shared_ptr<Random> from,
                Timestamp begun, std::chrono::steady_clock::time_point end)
        : job(std::move(claimed)),
          kind(of_kind),
          store(in),
          random(std::move(from)),
          now(begun),
          deadline(end),
          organization_id(job.organization_id.value_or("")),
          attempt(job.current_attempt()) {}
    JobRunState(JobRunState const&) = delete;
    JobRunState& operator=(JobRunState const&) = delete;

    work::ClaimedJob job;
    AnyJob const& kind;
    store::Store& store;
    std::shared_ptr<Random> random;
    Timestamp now;                                   ///< When it began.
    std::chrono::steady_clock::time_point deadline;  ///< After which it is not waited for any more.
    std::string organization_id;
    std::int64_t attempt;
    std::shared_ptr<void> input{};
    std::stop_source stop{};
    JobRun run{*this};

    /// When it was taken from the queue.
    std::chrono::steady_clock::time_point taken() const noexcept { return deadline - kind.kind.time_limit; }
    store::Scope scope() const {
        return organization_id.empty() ? store::Scope::installation() : store::Scope::organization(organization_id);
    }
};

}  // namespace nexpo::inline v1

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/random.hpp"
#include "operation/ports.hpp"
#include "store/signals.hpp"
#include "work/kinds.hpp"

namespace nexpo::work {

/// The longest input of a job, as JSON: what is larger belongs into a table or a file, and its id into the job.
inline constexpr std::size_t kMaxPayload = 1'048'576;

/// Sent when jobs are queued or become ready before their time.
inline constexpr std::string_view kJobsQueued = "jobs_queued";

/// Queues jobs within the transactions of calls and of other jobs.
class JobQueue final : public operation::JobQueue {
 public:
    JobQueue(Kinds const& kinds, store::Signals& signals, Random& random)
        : kinds_(kinds), signals_(signals), random_(random) {}

    Result<std::string> enqueue(Transaction const& tx, operation::WorkOrigin const& origin, std::string_view kind,
                                StructType const& type, void const* input, JobOptions const& options) override;
    Result<void> publish(Transaction const& tx, operation::WorkOrigin const& origin, std::string_view event_id,
                         std::string_view event, std::string const& payload) override;
    bool has_subscribers(std::string_view event) const noexcept override {
        return kinds_.subscribers(event) != nullptr;
    }
    void wake() override { signals_.send(kJobsQueued, {}); }

 private:
    Result<std::string> add(Transaction const& tx, operation::WorkOrigin const& origin, AnyJob const& job,
                            std::string payload, JobOptions const& options);

    Kinds const& kinds_;
    store::Signals& signals_;
    Random& random_;
};

}  // namespace nexpo::work

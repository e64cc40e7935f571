// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/random.hpp"
#include "operation/ports.hpp"
#include "store/signals.hpp"
#include "work/kinds.hpp"
#include "work/queue_link.hpp"

namespace nexpo::work {

/// The longest input of a job, as JSON: what is larger belongs into a table or a file, and its id into the job.
inline constexpr std::size_t kMaxPayload = 1'048'576;

/// Sent when jobs are queued or become ready before their time.
inline constexpr std::string_view kJobsQueued = "jobs_queued";

/// Queues jobs within the transactions of calls and of other jobs.
class JobQueue final : public operation::JobQueue {
 public:
    /// Without a link no queue outside of the database is told of due jobs.
    JobQueue(Kinds const& kinds, store::Signals& signals, Random& random, QueueLink* link = nullptr)
        : kinds_(kinds), signals_(signals), random_(random), link_(link) {}

    Result<std::string> enqueue(Transaction const& tx, operation::WorkOrigin const& origin, std::string_view kind,
                                StructType const& type, void const* input, JobOptions const& options) override;
    Result<bool> publish(Transaction const& tx, operation::WorkOrigin const& origin, std::string_view event_id,
                         std::string_view event, std::string const& payload) override;
    /// Who follows all events; before anything is published.
    void set_follower(operation::EventFollower& follower) noexcept { follower_ = &follower; }
    void wake() override { signals_.send(kJobsQueued, {}); }
    void announce(std::string_view job_id) override;

 private:
    Result<std::string> add(Transaction const& tx, operation::WorkOrigin const& origin, AnyJob const& job,
                            std::string payload, JobOptions const& options);

    Kinds const& kinds_;
    store::Signals& signals_;
    Random& random_;
    QueueLink* link_;
    operation::EventFollower* follower_ = nullptr;
};

}  // namespace nexpo::work

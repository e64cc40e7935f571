// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/store.hpp"
#include "nexpo/work.hpp"

namespace nexpo::work {

/// A job that is about to be queued.
struct NewJobRow {
    std::string id{};
    std::string organization_id{};  ///< Empty: the installation's.
    std::string kind{};
    std::string payload{};
    Timestamp now{};
    std::int64_t max_attempts = 1;
};

/// A job that a worker has.
struct ClaimedJob {
    std::string id{};
    std::optional<std::string> organization_id{};
    std::string kind{};
    std::string payload{};   ///< JSON, which not every version can read.
    std::int64_t fence = 0;  ///< Grows with each claim: who has an older one has lost the job.
    std::int64_t attempt = 0;
    std::int64_t first_attempt = 0;  ///< Attempts before the job was last started anew.
    std::int64_t max_attempts = 0;
    std::optional<std::string> slot{};
    bool ordered = false;
    std::optional<Timestamp> scheduled_for{};
    std::int64_t rank = 0;
    std::int64_t seq = 0;

    /// 1 for the first since it was started anew.
    std::int64_t current_attempt() const noexcept { return attempt - first_attempt; }
};

StructType describe(Type<ClaimedJob>);

/// A job that has succeeded, without a concurrency key. What it points to outlives it.
struct EndedJob {
    ClaimedJob const* job = nullptr;
    std::string_view result{};
    Timestamp keep_until{};
};

/// What whoever has lost a job meanwhile is told: `aborted` (`job_lost`).
Error lost_error();

/// Why an attempt failed.
struct Cause {
    std::string reason{};
    std::string message{};
};

/// What there is to do, on one snapshot.
struct Agenda {
    bool ready = false;
    std::optional<Timestamp> next{};  ///< When the next job or schedule becomes due, or a lease ends.
};

/// The rows of the jobs and their states. Every transition names the claim that it belongs to: whoever has lost the
/// job meanwhile changes nothing, and is told so with `aborted` (`job_lost`). What is found to be moved on is locked,
/// so that READ COMMITTED is enough for all but `add`.
class JobStore {
 public:
    /// Queues the job and answers its id, or that of the job that has one of its keys.
    static Result<std::string> add(Transaction const& tx, NewJobRow const& job, JobOptions const& options);

    static Result<Agenda> agenda(Read const& read);
    /// Makes due jobs ready, at most `most`; answers how many it looked at.
    static Result<std::int64_t> promote(Transaction const& tx, Timestamp now, std::int64_t most);
    /// Gives up to `most` ready jobs of these kinds to this worker until `lease_until`.
    static Result<std::vector<ClaimedJob>> claim(Transaction const& tx, std::vector<std::string> const& kinds,
                                                 Timestamp now, Timestamp lease_until, std::int64_t most);
    /// Jobs whose workers were not heard of in time.
    static Result<std::vector<ClaimedJob>> lost(Read const& read, Timestamp now, std::int64_t most);
    /// Ends several jobs; answers the ids of those that were still held.
    static Result<std::vector<std::string>> succeed(Transaction const& tx, std::span<EndedJob const> jobs,
                                                    Timestamp now);
    /// Renews the lease; answers whether the job is to be cancelled.
    static Result<bool> renew(Transaction const& tx, ClaimedJob const& job, Timestamp lease_until);
    static Result<void> note_progress(Transaction const& tx, ClaimedJob const& job, int percent, std::string_view note);

    static Result<void> succeed(Transaction const& tx, ClaimedJob const& job, std::string const& result, Timestamp now,
                                Timestamp keep_until);
    static Result<void> try_again(Transaction const& tx, ClaimedJob const& job, Cause const& cause, Timestamp now,
                                  Timestamp run_at);
    static Result<void> give_up(Transaction const& tx, ClaimedJob const& job, Cause const& cause, Timestamp now,
                                Timestamp keep_until);
    /// As if it had not been claimed.
    static Result<void> give_back(Transaction const& tx, ClaimedJob const& job);
    static Result<void> cancelled(Transaction const& tx, ClaimedJob const& job, Timestamp now, Timestamp keep_until);
    /// Nobody else changes the job before the end of the transaction.
    static Result<bool> is_cancel_requested(Transaction const& tx, ClaimedJob const& job);

    /// Forgets finished jobs whose time is over, at most `most`.
    static Result<std::int64_t> prune(Transaction const& tx, Timestamp now, std::int64_t most);
};

}  // namespace nexpo::work

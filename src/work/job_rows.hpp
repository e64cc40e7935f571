// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/store.hpp"
#include "nexpo/work.hpp"

namespace nexpo::work {

/// The jobs of one organization, as its people see and move them.
class JobRows {
 public:
    /// Empty: the installation's own.
    explicit JobRows(std::string organization_id) : organization_id_(std::move(organization_id)) {}

    Result<std::optional<Job>> find(Read const& read, std::string_view id) const;
    Result<std::vector<Job>> list(Read const& read, std::string_view after, ListJobs const& filter,
                                  std::int64_t limit) const;
    /// Those with a concurrency key that are older than the one with the id `before`, the newest first.
    Result<std::vector<Job>> list_with_key(Read const& read, std::string_view concurrency_key, std::string_view before,
                                           std::optional<JobState> state, std::int64_t limit) const;
    /// Takes one that is not running out of the queue.
    Result<void> cancel(Transaction const& tx, Job const& job, Timestamp now, Timestamp keep_until) const;
    /// Asks the worker of one that is running to stop.
    Result<void> ask_to_stop(Transaction const& tx, Job const& job) const;
    /// Starts one that is over anew, with all its attempts, unless another one has its unique key.
    Result<bool> start_anew(Transaction const& tx, Job const& job, Timestamp now) const;
    Result<void> run_now(Transaction const& tx, Job const& job, Timestamp now) const;
    /// The oldest dead ones that fit.
    Result<std::vector<Job>> dead(Read const& read, ReplayJobs const& filter) const;
    /// The oldest dead ones with a concurrency key.
    Result<std::vector<Job>> dead_with_key(Read const& read, std::string_view concurrency_key, Timestamp since,
                                           std::int64_t limit) const;

 private:
    std::string slot(std::string_view concurrency_key) const;

    std::string organization_id_;
};

}  // namespace nexpo::work

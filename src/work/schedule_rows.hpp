// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/schedule.hpp"
#include "nexpo/store.hpp"

namespace nexpo::work {

/// A schedule with what only the engine needs.
struct ScheduleRow {
    Schedule schedule{};
    std::int64_t max_attempts = 1;
    bool declared = false;  ///< By the application, when it starts.
};

/// The schedules of one organization.
class ScheduleRows {
 public:
    /// Empty: the installation's own.
    explicit ScheduleRows(std::string organization_id) : organization_id_(std::move(organization_id)) {}

    Result<std::optional<Schedule>> find(Read const& read, std::string_view id) const;
    Result<std::optional<Schedule>> find_by_name(Read const& read, std::string_view name) const;
    Result<std::vector<Schedule>> list(Read const& read, std::string_view after, std::int64_t limit) const;
    Result<std::int64_t> count(Read const& read) const;
    /// False when another one has its name.
    Result<bool> insert(Transaction const& tx, ScheduleRow const& row) const;
    Result<void> update(Transaction const& tx, Schedule const& schedule, std::int64_t max_attempts) const;
    /// Changes nothing when it is so already.
    Result<void> allow_attempts(Transaction const& tx, std::string_view id, std::int64_t max_attempts) const;
    Result<void> remove(Transaction const& tx, std::string_view id) const;
    /// The names and kinds of those that the application declared.
    Result<std::vector<Schedule>> declared(Read const& read) const;

 private:
    std::string organization_id_;
};

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/work.hpp"

namespace nexpo::work {

/// The kinds of jobs that this process knows, and which of them follow which events.
class Kinds {
 public:
    /// Errors: invalid_argument (`job_kind_invalid`, `job_schedule_invalid`).
    static Result<Kinds> make(JobTable::Contents contents);

    AnyJob const* find(std::string_view name) const noexcept;
    std::vector<std::string> const& names() const noexcept { return names_; }
    /// Those whose handlers hold a thread until they answer.
    std::vector<std::string> const& holding_names() const noexcept { return holding_names_; }
    std::chrono::seconds longest_attempt() const noexcept { return longest_attempt_; }
    std::vector<AnySchedule> const& schedules() const noexcept { return schedules_; }
    /// The kinds that follow an event; null when none does.
    std::vector<std::string> const* subscribers(std::string_view event) const noexcept;

 private:
    std::map<std::string, AnyJob, std::less<>> jobs_;
    std::map<std::string, std::vector<std::string>, std::less<>> subscribers_;
    std::vector<std::string> names_;
    std::vector<std::string> holding_names_;
    std::vector<AnySchedule> schedules_;
    std::chrono::seconds longest_attempt_{0};
};

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/operation.hpp"
#include "operation/permissions.hpp"

namespace nexpo::work {

/// The events that operations and kinds of jobs declare, and what somebody needs to see them.
class EventCatalogue {
 public:
    void add(std::vector<EventType> const& emitted);

    bool knows(std::string_view event) const { return permissions_.contains(event); }
    /// Whether any event fits a pattern.
    bool fits_any(std::string_view pattern) const;
    /// Whether the caller may see an event. One that nobody here declares is another version's: only the application
    /// itself sees it.
    bool may_see(operation::Permissions const& permissions, Caller const& caller, std::string_view event) const;

 private:
    std::map<std::string, std::set<std::string>, std::less<>> permissions_;
};

/// Which events somebody wants: by their names, or by their nouns (`user.*`).
class EventFilter {
 public:
    /// No patterns: all.
    explicit EventFilter(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

    bool passes(std::string_view event) const;

 private:
    std::vector<std::string> patterns_;
};

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "nexpo/operation.hpp"

namespace nexpo::operation {

/// Whether an API key can hold the permission. None holds what gives rights to others or is for owners only: what a
/// leaked key could do must end when the key does.
bool keys_may_hold(std::string_view permission);

/// Which role may do what: the built-in roles and what applications grant. Immutable after construction.
class Permissions {
 public:
    explicit Permissions(OperationTable::Contents const& table);

    /// `permission` is `noun:verb`.
    bool grants(std::string_view role, std::string_view permission) const;
    /// Whether an operation asks for the permission or an application grants it.
    bool knows(std::string_view permission) const { return known_.contains(permission); }
    /// What somebody may have meant who named one that nobody knows.
    std::optional<std::string> suggest(std::string_view permission) const;

 private:
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> granted_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace nexpo::operation

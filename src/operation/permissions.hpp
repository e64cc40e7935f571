// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace nexpo::operation {

/// Which role may do what: the built-in roles and what applications grant. Immutable after construction.
class Permissions {
 public:
    /// `grants` are pairs of role and permission.
    explicit Permissions(std::span<std::pair<std::string, std::string> const> grants);

    /// `permission` is `noun:verb`.
    bool grants(std::string_view role, std::string_view permission) const;

 private:
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> granted_;
};

}  // namespace nexpo::operation

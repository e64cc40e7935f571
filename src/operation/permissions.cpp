// SPDX-License-Identifier: Apache-2.0
#include "operation/permissions.hpp"

namespace nexpo::operation {

namespace {

/// What only owners may do although admins may do everything else.
constexpr std::string_view kOwnersOnly[] = {"owners:write", "billing:write", "organizations:remove"};

bool is_owners_only(std::string_view permission) {
    for (auto const owners : kOwnersOnly) {
        if (permission == owners) return true;
    }
    return false;
}

bool built_in(std::string_view role, std::string_view permission) {
    if (role == "owner") return true;
    if (role == "admin") return !is_owners_only(permission);
    if (role == "member") return permission.ends_with(":read") || permission == "profile:write";
    return role == "viewer" && permission.ends_with(":read");
}

}  // namespace

Permissions::Permissions(std::span<std::pair<std::string, std::string> const> grants) {
    for (auto const& [role, permission] : grants) granted_[role].insert(permission);
}

bool Permissions::grants(std::string_view role, std::string_view permission) const {
    if (built_in(role, permission)) return true;
    auto const found = granted_.find(role);
    return found != granted_.end() && found->second.contains(permission);
}

}  // namespace nexpo::operation

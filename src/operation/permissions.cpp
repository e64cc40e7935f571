// SPDX-License-Identifier: Apache-2.0
#include "operation/permissions.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace nexpo::operation {

namespace {

/// What only owners may do although admins may do everything else.
constexpr std::string_view kOwnersOnly[] = {"owners:write", "billing:write", "organizations:remove"};

/// What gives rights to others, or takes them.
constexpr std::string_view kGivesRights[] = {"api_keys:write", "roles:write"};

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

/// How many characters two words share at their beginning and at their end.
std::size_t alikeness(std::string_view one, std::string_view other) {
    auto const shorter = std::min(one.size(), other.size());
    auto const beginning = static_cast<std::size_t>(
        std::mismatch(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(shorter), other.begin()).first -
        one.begin());
    std::size_t end = 0;
    while (beginning + end < shorter && one[one.size() - 1 - end] == other[other.size() - 1 - end]) ++end;
    return beginning + end;
}

}  // namespace

bool keys_may_hold(std::string_view permission) {
    return !is_owners_only(permission) && std::ranges::find(kGivesRights, permission) == std::end(kGivesRights);
}

Permissions::Permissions(OperationTable::Contents const& table) {
    for (auto const& operation : table.operations) {
        if (operation.info.access == Access::permission) known_.insert(operation.info.permission);
        if (!operation.info.or_permission.empty()) known_.insert(operation.info.or_permission);
        known_.insert(operation.info.also_permissions.begin(), operation.info.also_permissions.end());
        for (auto const& event : operation.info.emits) {
            if (!event.permission.empty()) known_.insert(event.permission);
        }
    }
    for (auto const& [role, permission] : table.grants) {
        granted_[role].insert(permission);
        known_.insert(permission);
    }
}

std::optional<std::string> Permissions::suggest(std::string_view permission) const {
    auto const best =
        std::ranges::max_element(known_, {}, [&](std::string const& known) { return alikeness(known, permission); });
    if (best == known_.end() || 2 * alikeness(*best, permission) < best->size()) return std::nullopt;
    return *best;
}

bool Permissions::grants(std::string_view role, std::string_view permission) const {
    if (built_in(role, permission)) return true;
    auto const found = granted_.find(role);
    return found != granted_.end() && found->second.contains(permission);
}

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nexpo::store {

/// Whose rows a repository may touch: one organization's, or, for the few that must look across, the installation's.
class Scope {
 public:
    static Scope organization(std::string_view id) { return Scope(std::string(id)); }
    static Scope installation() { return Scope({}); }

    bool is_installation() const noexcept { return organization_id_.empty(); }
    std::string const& organization_id() const noexcept { return organization_id_; }

 private:
    explicit Scope(std::string id) : organization_id_(std::move(id)) {}

    std::string organization_id_;
};

}  // namespace nexpo::store

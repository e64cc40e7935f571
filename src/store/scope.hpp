// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nexpo::store {

/// Whose rows a statement may touch: one organization's, or, for the few that must look across, the installation's.
/// A database with row-level security enforces it.
class Scope {
 public:
    /// One organization's rows; nobody's if `id` is no id.
    static Scope organization(std::string_view id) { return Scope(id == kAll ? std::string() : std::string(id)); }
    static Scope installation() { return Scope(std::string(kAll)); }

    /// Empty for the installation.
    std::string_view organization_id() const noexcept { return is_installation() ? std::string_view() : text_; }
    bool is_installation() const noexcept { return text_ == kAll; }
    /// What the policies of the database compare `organization_id` with: an id, or `*` for all.
    std::string const& text() const noexcept { return text_; }

    bool operator==(Scope const&) const = default;

 private:
    static constexpr std::string_view kAll = "*";

    explicit Scope(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

}  // namespace nexpo::store

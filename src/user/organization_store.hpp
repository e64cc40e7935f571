// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nexpo/store.hpp"

namespace nexpo::user {

/// SQL over `organizations`.
class OrganizationStore {
 public:
    static Result<std::optional<std::string>> find(Read const& read, std::string_view slug);
    /// False when the slug is taken.
    static Result<bool> create(Transaction const& tx, std::string_view id, std::string_view slug, std::string_view name,
                               Timestamp now);
};

}  // namespace nexpo::user

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/function_ref.hpp"
#include "nexpo/caller.hpp"
#include "nexpo/result.hpp"
#include "nexpo/store.hpp"
#include "store/store.hpp"

namespace nexpo::operation {

/// Says who holds an access token or an API key; implemented by auth. Thread-safe.
class Identifier {
 public:
    virtual ~Identifier() = default;
    /// Asks `may_look` before it looks at a token that it does not remember; its error is answered instead.
    /// Errors: unauthenticated, unavailable.
    virtual Result<Caller> identify(std::string_view access_token, store::ReadLimits const& limits,
                                    base::FunctionRef<Result<void>()> may_look) = 0;
};

/// Finds and creates organizations for `as_system`; implemented by user. Thread-safe.
class OrganizationDirectory {
 public:
    virtual ~OrganizationDirectory() = default;
    virtual Result<std::optional<std::string>> find(Read const& read, std::string_view slug) = 0;
    /// The organization's id, whether it existed or was made. Errors: invalid_argument (`/organization`).
    virtual Result<std::string> find_or_create(Transaction const& tx, std::string_view slug, Timestamp now) = 0;
};

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/backend.hpp"

namespace nexpo::grpc_host {

/// What a program may do that shows a certificate with this name.
struct Principal {
    std::string name{};          ///< A DNS name or a URI, as in the certificate.
    std::string organization{};  ///< Slug.
    std::vector<std::string> permissions{};
};

/// `billing.internal acme users:read jobs:read`. Errors: invalid_argument; the message says what is missing.
Result<Principal> parse_principal(std::string_view text);

/// Finds out as whom a client calls that has shown a certificate instead of a token. Thread-safe.
class ServicePrincipals {
 public:
    /// The settings have been checked: what is malformed is left out.
    ServicePrincipals(Backend backend, std::span<std::string const> clients);

    bool empty() const { return principals_.empty(); }
    /// The caller for the first name that is known, if any. Errors: unavailable, and not_found when there is no such
    /// organization.
    Result<std::optional<Caller>> find(std::span<std::string const> names) const;

 private:
    Result<std::string> organization_id(std::string const& slug) const;

    Backend backend_;
    std::vector<Principal> principals_;
    mutable std::mutex mutex_;
    mutable std::vector<std::pair<std::string, std::string>> organization_ids_;  ///< Slugs do not change their record.
};

}  // namespace nexpo::grpc_host

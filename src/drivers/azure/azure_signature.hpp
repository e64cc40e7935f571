// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "drivers/http/authorizations.hpp"

namespace nexpo::drivers {

/// A key of a shared access policy.
struct AzureKey {
    std::string name{};
    Secret key{};  ///< As the portal shows it; it signs as this text and is not decoded.
};

/// `SharedAccessSignature …`, good until `expiry` for what begins with `resource`, a URL without query (Azure Service
/// Bus, "Service Bus access control with Shared Access Signatures", "Generate a Shared Access Signature token").
Secret azure_signature(std::string const& resource, AzureKey const& key, Timestamp expiry);

/// Such signatures, each good for an hour.
std::shared_ptr<Authorizations> azure_signatures(std::string resource, AzureKey key, std::shared_ptr<Clock> clock);

}  // namespace nexpo::drivers

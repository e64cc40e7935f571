// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "drivers/http/authorizations.hpp"
#include "drivers/http/http_sender.hpp"

namespace nexpo::drivers {

/// Whose tokens they are. The first of these that is complete is meant: tenant, client and secret; tenant, client and
/// token file; the identity endpoint and its header; the identity of the machine.
struct AzureIdentity {
    std::string resource{};  ///< What the tokens are for, without a slash at the end.
    std::string tenant{};
    std::string client{};      ///< The application; of a managed identity only one that the user has assigned.
    Secret secret{};           ///< A client secret.
    std::string token_file{};  ///< With the assertion of a workload identity, read anew each time.
    std::string authority = "https://login.microsoftonline.com";
    std::string identity_endpoint{};  ///< Of App Service, Functions and Container Apps.
    Secret identity_header{};
    std::string metadata = "http://169.254.169.254";  ///< Of virtual machines.
};

/// Access tokens of Microsoft Entra: client credentials with a secret or a federated assertion (Microsoft identity
/// platform, "OAuth 2.0 client credentials flow"), or those of a managed identity (Managed identities, "How to use
/// managed identities to get an access token"; App Service, "REST endpoint reference"). Azure Arc is left out: it asks
/// for files that the answer names.
std::shared_ptr<Authorizations> azure_tokens(AzureIdentity identity, std::shared_ptr<HttpSender> sender,
                                             std::shared_ptr<Clock> clock);

}  // namespace nexpo::drivers

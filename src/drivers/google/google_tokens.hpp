// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "drivers/http/authorizations.hpp"
#include "drivers/http/http_sender.hpp"

namespace nexpo::drivers {

/// Whose tokens they are.
struct GoogleIdentity {
    std::string key_file{};  ///< Of a service account, JSON; empty: the account that the machine has at Google.
    std::string metadata_host = "metadata.google.internal";
    std::string scope{};
};

/// Access tokens for Google's services: for a key file by a signed assertion (Google Identity, "Using OAuth 2.0 for
/// Server to Server Applications", "HTTP/REST"), else of the metadata server (Compute Engine, "View and query VM
/// metadata"). Other kinds of credentials (`authorized_user`, `external_account`, impersonation) are refused.
std::shared_ptr<Authorizations> google_tokens(GoogleIdentity identity, std::shared_ptr<HttpSender> sender,
                                              std::shared_ptr<Clock> clock);

}  // namespace nexpo::drivers

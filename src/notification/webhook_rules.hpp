// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/address_guard.hpp"
#include "nexpo/result.hpp"

namespace nexpo::notification {

/// What URLs and filters webhooks may have. Thread-safe.
class WebhookRules {
 public:
    WebhookRules(bool allow_http, net::AddressGuard guard) : allow_http_(allow_http), guard_(std::move(guard)) {}

    /// What breaks a rule of the URL, if anything does. A name is looked up only when it is connected to.
    std::optional<Violation> check_url(std::string const& url) const;
    static std::vector<Violation> check_events(std::vector<std::string> const& events);

 private:
    bool allow_http_;
    net::AddressGuard guard_;
};

}  // namespace nexpo::notification

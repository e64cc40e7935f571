// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_rules.hpp"

#include "net/ip_address.hpp"
#include "net/url.hpp"
#include "notification/webhook_message.hpp"

namespace nexpo::notification {

std::optional<Violation> WebhookRules::check_url(std::string const& text) const {
    auto const url = net::parse_url(text);
    if (!url) return Violation{"/url", "url", "must be an absolute https URL without user information"};
    if (!url->secure && !allow_http_) return Violation{"/url", "https", "must begin with https://"};
    // Standard Webhooks, "Server side request forgery": refused here where it can be seen, and at every connection.
    auto const address = net::IpAddress::parse(url->host);
    if (address && !guard_.allows(url->host, *address)) {
        return Violation{"/url", "address", "must not lead to a private, local or reserved address"};
    }
    return std::nullopt;
}

std::vector<Violation> WebhookRules::check_events(std::vector<std::string> const& events) {
    std::vector<Violation> violations;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (is_webhook_filter(events[i])) continue;
        violations.push_back(
            {"/events/" + std::to_string(i), "format", "must be the name of an event, or a beginning such as user.*"});
    }
    return violations;
}

}  // namespace nexpo::notification

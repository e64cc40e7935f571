// SPDX-License-Identifier: Apache-2.0
#include "drivers/azure/azure_tokens.hpp"

#include <utility>
#include <vector>

#include "drivers/http/form.hpp"
#include "drivers/http/json_fields.hpp"

namespace nexpo::drivers {

namespace {

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr std::chrono::seconds kTokenTime{10};
constexpr std::chrono::seconds kMetadataTime{3};

/// An assertion without the line break that ends a file.
std::string_view trimmed(std::string_view text) {
    auto const end = text.find_last_not_of(" \t\r\n");
    return end == text.npos ? std::string_view() : text.substr(0, end + 1);
}

Result<Authorization> of_client(AzureIdentity const& identity, HttpSender& sender) {
    auto const scope = identity.resource + "/.default";
    Fields form{{"grant_type", "client_credentials"}, {"client_id", identity.client}, {"scope", scope}};
    Result<Secret> assertion = Secret();
    if (!identity.secret.empty()) {
        form.emplace_back("client_secret", identity.secret.reveal());
    } else {
        assertion = read_credential_file(identity.token_file);
        if (!assertion) return assertion.error();
        form.emplace_back("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        form.emplace_back("client_assertion", trimmed(assertion->reveal()));
    }
    auto const answer =
        sender.send({.method = "POST",
                     .url = identity.authority + "/" + percent_encoded(identity.tenant) + "/oauth2/v2.0/token",
                     .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                     .body = form_encoded(form),
                     .source = net::UrlSource::configuration,
                     .timeout = kTokenTime,
                     .repeatable = true});
    if (!answer) return credentials_unavailable("Entra: " + answer.error().message);
    return bearer_of("Entra", answer->status, answer->body);
}

/// Failures that pass, which may be 404 and 410 on a machine that has just started, are for the next call to repeat.
Result<Authorization> of_managed_identity(AzureIdentity const& identity, HttpSender& sender, Clock const& clock) {
    bool const of_app_service = !identity.identity_endpoint.empty();
    // Here the slash belongs to the resource, and there is no `.default`.
    auto const resource = identity.resource + "/";
    Fields query{{"api-version", of_app_service ? "2019-08-01" : "2018-02-01"}, {"resource", resource}};
    if (!identity.client.empty()) query.emplace_back("client_id", identity.client);
    net::HttpHeaders headers;
    if (of_app_service) {
        headers.push_back({"X-IDENTITY-HEADER", std::string(identity.identity_header.reveal())});
    } else {
        headers.push_back({"Metadata", "true"});
    }
    auto const endpoint =
        of_app_service ? identity.identity_endpoint : identity.metadata + "/metadata/identity/oauth2/token";
    auto const answer = sender.send({.url = endpoint + "?" + form_encoded(query),
                                     .headers = std::move(headers),
                                     .source = net::UrlSource::configuration,
                                     .timeout = kMetadataTime});
    if (!answer) return credentials_unavailable("Azure's managed identity: " + answer.error().message);
    return bearer_of("Azure's managed identity", answer->status, answer->body, [&clock](Json const& token) {
        auto const now = std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count();
        return number_at(token, "expires_on", 0) - now;
    });
}

}  // namespace

std::shared_ptr<Authorizations> azure_tokens(AzureIdentity identity, std::shared_ptr<HttpSender> sender,
                                             std::shared_ptr<Clock> clock) {
    bool const is_client = !identity.tenant.empty() && !identity.client.empty() &&
                           (!identity.secret.empty() || !identity.token_file.empty());
    auto ask = [is_client, identity = std::move(identity), sender = std::move(sender),
                clock]() -> Result<Authorization> {
        return is_client ? of_client(identity, *sender) : of_managed_identity(identity, *sender, *clock);
    };
    return std::make_shared<Authorizations>(std::move(clock), std::move(ask));
}

}  // namespace nexpo::drivers

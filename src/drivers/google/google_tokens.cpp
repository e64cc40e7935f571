// SPDX-License-Identifier: Apache-2.0
#include "drivers/google/google_tokens.hpp"

#include <utility>

#include "crypto/signing_key.hpp"
#include "drivers/http/form.hpp"
#include "drivers/http/json_fields.hpp"

namespace nexpo::drivers {

namespace {

/// Whatever the key file names as `token_uri`.
constexpr char const* kAudience = "https://oauth2.googleapis.com/token";
constexpr std::chrono::seconds kAssertionLife{3600};
constexpr std::chrono::seconds kTokenTime{10};
constexpr std::chrono::seconds kMetadataTime{3};

Result<Authorization> of_key_file(GoogleIdentity const& identity, HttpSender& sender, Timestamp now) {
    auto const text = read_credential_file(identity.key_file);
    if (!text) return text.error();
    auto const file = Json::parse(text->reveal());
    if (!file || text_at(*file, "type") != "service_account") {
        return credentials_refused("Google: the key file is not that of a service account");
    }
    auto const key = crypto::SigningKey::from_pem(Secret(text_at(*file, "private_key")), crypto::JwsAlgorithm::rs256,
                                                  text_at(*file, "private_key_id"));
    if (!key) return credentials_refused("Google: the private key of the key file cannot be used");
    auto const issued_at = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    auto const assertion = key->sign(Json(Json::Object{{"iss", text_at(*file, "client_email")},
                                                       {"scope", identity.scope},
                                                       {"aud", kAudience},
                                                       {"iat", issued_at.count()},
                                                       {"exp", (issued_at + kAssertionLife).count()}}),
                                     "JWT");
    std::pair<std::string_view, std::string_view> const form[] = {
        {"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", assertion}};
    auto const answer = sender.send({.method = "POST",
                                     .url = text_at(*file, "token_uri"),
                                     .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                                     .body = form_encoded(form),
                                     .source = net::UrlSource::configuration,
                                     .timeout = kTokenTime,
                                     .repeatable = true});
    if (!answer) return credentials_unavailable("Google's tokens: " + answer.error().message);
    return bearer_of("Google's tokens", answer->status, answer->body);
}

Result<Authorization> of_metadata(GoogleIdentity const& identity, HttpSender& sender) {
    auto const answer = sender.send(
        {.url = "http://" + identity.metadata_host +
                "/computeMetadata/v1/instance/service-accounts/default/token?scopes=" + percent_encoded(identity.scope),
         .headers = {{"Metadata-Flavor", "Google"}},
         .source = net::UrlSource::configuration,
         .timeout = kMetadataTime});
    if (!answer) return credentials_unavailable("Google's metadata server: " + answer.error().message);
    auto const* const flavor = net::find_header(answer->headers, "Metadata-Flavor");
    if (flavor == nullptr || *flavor != "Google") {
        return credentials_unavailable("Google's metadata server: somebody else answered");
    }
    return bearer_of("Google's metadata server", answer->status, answer->body);
}

}  // namespace

std::shared_ptr<Authorizations> google_tokens(GoogleIdentity identity, std::shared_ptr<HttpSender> sender,
                                              std::shared_ptr<Clock> clock) {
    auto ask = [identity = std::move(identity), sender = std::move(sender), clock]() -> Result<Authorization> {
        return identity.key_file.empty() ? of_metadata(identity, *sender)
                                         : of_key_file(identity, *sender, clock->now());
    };
    return std::make_shared<Authorizations>(std::move(clock), std::move(ask));
}

}  // namespace nexpo::drivers

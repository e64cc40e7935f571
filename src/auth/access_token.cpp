// SPDX-License-Identifier: Apache-2.0
#include "auth/access_token.hpp"

#include <algorithm>
#include <chrono>

#include "crypto/jws.hpp"

namespace nexpo::auth {

namespace {

constexpr std::string_view kType = "at+jwt";  // RFC 9068 section 2.1
constexpr std::string_view kClient = "nexpo";

std::string text_claim(Json const& claims, std::string_view name) {
    auto const* claim = claims.find(name);
    auto const* text = claim == nullptr ? nullptr : claim->if_string();
    return text == nullptr ? std::string() : *text;
}

std::int64_t number_claim(Json const& claims, std::string_view name) {
    auto const* claim = claims.find(name);
    auto const* number = claim == nullptr ? nullptr : claim->if_integer();
    return number == nullptr ? 0 : *number;
}

/// The moment to judge a token at. We alone sign, so that one from the future says that our clock was set back since;
/// it is no reason to sign everybody out.
Timestamp no_earlier_than_issued(Json const& claims, Timestamp now) {
    auto const last = std::chrono::floor<std::chrono::seconds>(max_timestamp().time_since_epoch()).count();
    auto const issued = std::clamp(number_claim(claims, "iat"), std::int64_t{0}, std::int64_t{last});
    return std::max(now, Timestamp(std::chrono::seconds(issued)));
}

}  // namespace

AccessTokens::AccessTokens(std::shared_ptr<SigningKeyRing> ring, AuthConfig const& config)
    : ring_(std::move(ring)),
      // Our own clock signs and verifies, so there is no difference to forgive.
      rules_{.issuer = config.issuer, .audience = config.issuer, .leeway = std::chrono::seconds(0)},
      lifetime_seconds_(config.access_token_seconds) {}

AccessTokens::AccessTokens(crypto::SigningKey key, AuthConfig const& config)
    : AccessTokens(
          std::make_shared<SigningKeyRing>(std::vector<RingKey>{
              {.key = std::move(key), .active_at = min_timestamp(), .token_seconds = config.access_token_seconds}}),
          config) {}

Result<std::string> AccessTokens::make(AccessToken token, Timestamp now) const {
    auto const signer = ring_->signer(now);
    if (!signer) return signer.error();
    auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    Json claims(Json::Object{});
    claims.set("iss", rules_.issuer)
        .set("aud", rules_.audience)
        .set("sub", token.account_id)
        .set("client_id", kClient)
        .set("org", token.organization_id)
        .set("sid", token.session_id)
        .set("jti", token.token_id)
        .set("iat", std::int64_t{seconds})
        .set("exp", std::int64_t{seconds} + lifetime_seconds_);
    return signer->sign(claims, kType);
}

Result<AccessToken> AccessTokens::read(std::string_view text, Timestamp now, crypto::TokenFault* fault) const {
    auto const keys = ring_->keys();
    auto claims = crypto::verify_jws(text, keys->verifying, {.typ = kType}, fault);
    if (!claims) return std::move(claims).error();
    auto const moment = no_earlier_than_issued(*claims, now);
    if (auto checked = crypto::check_claims(*claims, rules_, moment, fault); !checked) {
        return std::move(checked).error();
    }
    AccessToken token{.account_id = text_claim(*claims, "sub"),
                      .organization_id = text_claim(*claims, "org"),
                      .session_id = text_claim(*claims, "sid"),
                      .token_id = text_claim(*claims, "jti"),
                      .issued_at = number_claim(*claims, "iat"),
                      .expires_at = number_claim(*claims, "exp")};
    if (token.session_id.empty() || token.organization_id.empty()) {
        return crypto::refuse_token(crypto::TokenFault::payload, fault);
    }
    return token;
}

}  // namespace nexpo::auth

// SPDX-License-Identifier: Apache-2.0
// Speaks JSON lines with a script that has another implementation of JOSE at hand.
#include <iostream>
#include <string>

#include "crypto/jws.hpp"
#include "crypto/key_set.hpp"
#include "crypto/signing_key.hpp"

namespace nexpo::crypto {

namespace {

std::string text(Json const& json, std::string_view name) {
    auto const* member = json.find(name);
    return member == nullptr || member->if_string() == nullptr ? std::string() : *member->if_string();
}

/// `{"sign": claims, "pem": …, "alg": …, "kid": …}`
Json sign(Json const& request) {
    auto const algorithm = jws_algorithm(text(request, "alg"));
    if (!algorithm) return Json::Object{{"error", "algorithm"}};
    auto const key = *algorithm == JwsAlgorithm::hs256
                         ? SigningKey::hs256(Secret(text(request, "secret")), text(request, "kid"))
                         : SigningKey::from_pem(Secret(text(request, "pem")), *algorithm, text(request, "kid"));
    if (!key) return Json::Object{{"error", key.error().reason}};
    return Json::Object{{"token", key->sign(*request.find("sign"), "JWT")}, {"jwk", key->public_jwk()}};
}

/// `{"verify": token, "jwks": {…}}`
Json verify(Json const& request) {
    auto const set = KeySet::parse(request.find("jwks")->dump(), {.jwk = {.allow_secrets = true}});
    if (!set) return Json::Object{{"error", set.error().reason}};
    auto fault = TokenFault::none;
    auto const claims = verify_jws(text(request, "verify"), *set, {}, &fault);
    if (!claims) return Json::Object{{"error", to_string(fault)}};
    return Json::Object{{"claims", *claims}};
}

}  // namespace

}  // namespace nexpo::crypto

int main() {
    std::string line;
    while (std::getline(std::cin, line)) {
        auto const request = nexpo::Json::parse(line).value();
        auto const answer =
            request.find("sign") != nullptr ? nexpo::crypto::sign(request) : nexpo::crypto::verify(request);
        std::cout << answer.dump() << std::endl;
    }
}

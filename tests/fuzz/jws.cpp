// SPDX-License-Identifier: Apache-2.0
// Signed tokens. Nobody but the holder of the key makes one that verifies, and what verifies says what was signed.
#include <algorithm>
#include <array>

#include "crypto/claims.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/token_keys.hpp"

namespace nexpo::fuzz {
namespace {

struct Signed {
    TokenKeys keys;
    std::vector<crypto::VerificationKey> both{crypto::VerificationKey(keys.es256), crypto::VerificationKey(keys.hs256)};
    std::vector<crypto::VerificationKey> one{crypto::VerificationKey(keys.es256)};
    crypto::HmacKey hmac{std::as_bytes(std::span(TokenKeys::kSecret))};
    /// The only inputs that the owner of the keys has ever signed. Corpora hold genuine tokens of these.
    std::array<std::string, 2> inputs{input_of("ES256"), input_of("HS256")};

    static std::string input_of(std::string const& algorithm) {
        auto const header = R"({"alg":")" + algorithm + R"(","typ":"at+jwt"})";
        return base::base64url_encode(header) + '.' +
               base::base64url_encode(R"({"sub":"acc_1","iss":"nexpo","aud":"nexpo","exp":2000000000})");
    }

    std::string hs256(std::string_view input, std::string_view secret) const {
        auto const key = secret == TokenKeys::kSecret ? hmac : crypto::HmacKey(std::as_bytes(std::span(secret)));
        return base::base64url_encode(key.sign(input));
    }
};

Signed const& owner() {
    static Signed const signed_tokens;
    return signed_tokens;
}

/// The whole token as it came: it verifies only when its input is one that was signed, letter by letter.
void forged(std::string_view token) {
    for (auto const* keys : {&owner().both, &owner().one}) {
        auto fault = crypto::TokenFault::none;
        auto const claims = crypto::verify_jws(token, *keys, {.typ = "at+jwt"}, &fault);
        require(claims.has_value() == (fault == crypto::TokenFault::none), "each refusal has a fault");
        if (!claims) {
            require(claims.error().code == Errc::unauthenticated && claims.error().reason == "token_invalid",
                    "a refusal says nothing of its cause");
            continue;
        }
        auto const input = token.substr(0, token.rfind('.'));
        require(std::ranges::find(owner().inputs, input) != owner().inputs.end(), "only the key's owner signs", token);
        require(claims->find("sub") != nullptr && *claims->find("sub") == Json("acc_1"), "claims are those signed");
    }
}

/// A header and a payload that were signed with the shared secret, however odd they are.
void genuine_but_odd(std::string_view header, std::string_view payload) {
    auto const input = base::base64url_encode(header) + '.' + base::base64url_encode(payload);
    auto const token = input + '.' + owner().hs256(input, TokenKeys::kSecret);
    auto const claims = crypto::verify_jws(token, owner().both, {});
    if (claims) {
        auto const json = Json::parse(header);
        require(json && json->find("alg") != nullptr && *json->find("alg") == Json("HS256"),
                "the key knows one algorithm");
        require(json->find("crit") == nullptr && json->find("b64") == nullptr, "no extension is understood", header);
        auto const said = Json::parse(payload);
        require(said && said->if_object() != nullptr && *said == *claims, "claims are what was signed", payload);
        auto const now = Timestamp(std::chrono::seconds(1'800'000'000));
        if (crypto::check_claims(*claims, {.issuer = "nexpo", .audience = "nexpo"}, now)) {
            require(claims->find("exp") != nullptr && claims->find("sub") != nullptr &&
                        claims->find("iss") != nullptr && *claims->find("iss") == Json("nexpo"),
                    "claims that pass are complete", payload);
        }
    }
    require(!crypto::verify_jws(token, owner().one, {}), "a key of another kind verifies nothing", header);
    // RFC 8725 section 2.1: what everybody knows of the public key, taken for a shared secret.
    auto const jwk = owner().keys.es256.public_jwk().dump();
    auto const confused = input + '.' + owner().hs256(input, jwk);
    require(!crypto::verify_jws(confused, owner().both, {}), "a public key is no secret", header);
    require(!crypto::verify_jws(input + '.', owner().both, {}), "no signature is no signature", header);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(jws) {
    using namespace nexpo::fuzz;
    forged(input);
    auto const header = take_until(input, "\n");
    if (!input.empty()) genuine_but_odd(header, input);
}

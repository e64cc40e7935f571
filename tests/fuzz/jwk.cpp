// SPDX-License-Identifier: Apache-2.0
// Public keys that others publish.
#include "crypto/key_set.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/token_keys.hpp"
#include "nexpo/json.hpp"

namespace nexpo::fuzz {
namespace {

struct Signed {
    TokenKeys keys;
    Json jwk = keys.es256.public_jwk();
    std::string token = keys.es256.sign(Json().set("sub", "acc_1"), "at+jwt");
    std::string input = token.substr(0, token.rfind('.'));
    std::string signature = base::base64url_decode(std::string_view(token).substr(input.size() + 1)).value();
};

bool is(Json const& jwk, std::string_view member, Json const& value) {
    auto const* found = jwk.find(member);
    return found != nullptr && *found == value;
}

bool is_coordinate(Json const& jwk, std::string_view member) {
    auto const* found = jwk.find(member);
    auto const* text = found != nullptr ? found->if_string() : nullptr;
    auto const bytes = text != nullptr ? base::base64url_decode(*text) : std::nullopt;
    return bytes && bytes->size() == 32;
}

void one_key(Json const& jwk) {
    static Signed const owner;
    auto const key = crypto::VerificationKey::from_jwk(jwk);
    bool const ours = is(jwk, "x", *owner.jwk.find("x")) && is(jwk, "y", *owner.jwk.find("y"));
    if (!key) {
        require(key.error().code == Errc::invalid_argument, "refusals are of one kind");
        return;
    }
    if (key->algorithm() != crypto::JwsAlgorithm::es256) return;
    require(is(jwk, "kty", "EC") && is(jwk, "crv", "P-256"), "a key is of the kind it says");
    require(is_coordinate(jwk, "x") && is_coordinate(jwk, "y"), "coordinates have their full width");
    require(key->verify(owner.input, owner.signature) == ours, "only the one key verifies");
    require(!key->verify(owner.input, "") && !key->verify("", owner.signature), "something else is not verified");
    require(jwk.find("kid") == nullptr || is(jwk, "kid", Json(key->key_id())), "a key keeps its id");
    require(!key->key_id().empty() || jwk.find("kid") != nullptr, "a key without an id gets its thumbprint");
}

void whole_set(std::string_view text) {
    crypto::KeySetOptions const options{.max_keys = 8};
    auto const set = crypto::KeySet::parse(text, options);
    if (!set) {
        require(set.error().code == Errc::invalid_argument, "refusals are of one kind");
        return;
    }
    require(set->keys().size() <= options.max_keys, "a set has a limit");
    for (auto const& key : set->keys()) {
        require(set->find(key.algorithm(), key.key_id()) == &key, "an algorithm and an id name one key", key.key_id());
        auto const alone = set->find(key.algorithm(), std::nullopt);
        require(alone == nullptr || alone == &key, "without an id the only key of its algorithm is meant");
    }
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(jwk) {
    using namespace nexpo::fuzz;
    whole_set(input);
    auto const json = nexpo::Json::parse(input);
    if (!json) return;
    one_key(*json);
    auto const* keys = json->find("keys");
    if (keys == nullptr || keys->if_array() == nullptr) return;
    for (auto const& key : *keys->if_array()) one_key(key);
}

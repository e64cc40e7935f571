// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_set.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace nexpo::crypto {
namespace {

constexpr std::size_t kDepth = 8;

Error refused(std::string reason, std::string message) {
    return {.code = Errc::invalid_argument, .reason = std::move(reason), .message = std::move(message)};
}

}  // namespace

Result<KeySet> KeySet::of(std::vector<VerificationKey> keys) {
    for (auto key = keys.begin(); key != keys.end(); ++key) {
        bool const known = std::any_of(keys.begin(), key, [&](VerificationKey const& other) {
            return other.algorithm() == key->algorithm() && other.key_id() == key->key_id();
        });
        if (known) return refused("jwk_duplicate", "Two keys of one algorithm have the same id.");
    }
    return KeySet(std::move(keys));
}

Result<KeySet> KeySet::parse(std::string_view jwks, KeySetOptions const& options) {
    if (jwks.size() > options.max_size) return refused("jwks_too_large", "The set of keys is too large.");
    auto const json = Json::parse(jwks, kDepth);
    auto const* member = json ? json->find("keys") : nullptr;
    auto const* list = member != nullptr ? member->if_array() : nullptr;
    if (list == nullptr) return refused("jwks_malformed", "The set of keys is no JSON object with a list `keys`.");
    if (list->size() > options.max_keys) return refused("jwks_too_many_keys", "The set has too many keys.");
    std::vector<VerificationKey> keys;
    for (auto const& jwk : *list) {
        auto key = read_jwk(jwk, options.jwk);
        if (key) {
            keys.push_back(std::move(*key));
        } else if (key.error().reason != "jwk_unsupported") {
            return std::move(key).error();
        }
    }
    return of(std::move(keys));
}

VerificationKey const* KeySet::find(JwsAlgorithm algorithm, std::optional<std::string_view> key_id) const noexcept {
    VerificationKey const* found = nullptr;
    for (auto const& key : keys_) {
        if (key.algorithm() != algorithm || (key_id && key.key_id() != *key_id)) continue;
        if (found != nullptr) return nullptr;
        found = &key;
    }
    return found;
}

}  // namespace nexpo::crypto

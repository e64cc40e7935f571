// SPDX-License-Identifier: Apache-2.0
#include "crypto/jwk.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/base64.hpp"
#include "base/wipe.hpp"
#include "crypto/ec_key.hpp"
#include "crypto/ed25519_key.hpp"
#include "crypto/key_material.hpp"
#include "crypto/rsa_key.hpp"

namespace nexpo::crypto {
namespace {

/// Far above any id in use.
constexpr std::size_t kLongestId = 256;
/// `n` of a key of 8192 bits takes 1366 characters.
constexpr std::size_t kLongestNumber = 2048;
constexpr std::size_t kLeastSecret = 32;  // RFC 7518 section 3.2
constexpr std::size_t kMostOperations = 16;

Error unsupported(std::string message) {
    return {.code = Errc::invalid_argument, .reason = "jwk_unsupported", .message = std::move(message)};
}

Error malformed(std::string message) {
    return {.code = Errc::invalid_argument, .reason = "jwk_malformed", .message = std::move(message)};
}

/// One of the JWK's text members.
struct Member {
    bool sound = true;  ///< Absent, or a text.
    std::optional<std::string_view> text{};
};

Member member(Json const& jwk, std::string_view name) {
    auto const* value = jwk.find(name);
    if (value == nullptr) return {};
    auto const* text = value->if_string();
    return text == nullptr ? Member{.sound = false} : Member{.text = *text};
}

/// The bytes of a base64url member, empty when there is no such member or it is malformed.
std::string bytes(Json const& jwk, std::string_view name) {
    auto const found = member(jwk, name);
    if (!found.text || found.text->size() > kLongestNumber) return {};
    return base::base64url_decode(*found.text).value_or("");
}

/// RFC 7517 section 4.3: a list of different texts.
bool is_list_of_operations(Json::Array const& list) {
    if (list.size() > kMostOperations) return false;
    for (auto entry = list.begin(); entry != list.end(); ++entry) {
        if (entry->if_string() == nullptr || std::find(list.begin(), entry, *entry) != entry) return false;
    }
    return true;
}

Result<void> check_use(Json const& jwk) {
    auto const use = member(jwk, "use");
    if (!use.sound) return malformed("`use` is no text.");
    if (use.text && *use.text != "sig") return unsupported("The key is not for signatures.");
    auto const* operations = jwk.find("key_ops");
    if (operations == nullptr) return {};
    auto const* list = operations->if_array();
    if (list == nullptr || !is_list_of_operations(*list)) return malformed("`key_ops` is no list of different texts.");
    if (std::ranges::find(*list, Json("verify")) == list->end()) return unsupported("The key is not for verifying.");
    return {};
}

/// The algorithm that the JWK's kind and curve have; `alg` must be the same, or one of the two of RSA.
Result<JwsAlgorithm> algorithm_of(Json const& jwk, JwkOptions const& options) {
    auto const kty = member(jwk, "kty");
    auto const crv = member(jwk, "crv");
    auto const alg = member(jwk, "alg");
    if (!kty.text) return malformed("There is no `kty`.");
    if (!crv.sound || !alg.sound) return malformed("`crv` or `alg` is no text.");
    auto const named = alg.text ? jws_algorithm(*alg.text) : std::nullopt;
    if (alg.text && !named) return unsupported("The key is for another algorithm.");
    auto natural = JwsAlgorithm::hs256;
    if (*kty.text == "EC" || *kty.text == "OKP") {
        bool const is_curve = *kty.text == "EC";
        if (!crv.text) return malformed("There is no `crv`.");
        if (*crv.text != (is_curve ? "P-256" : "Ed25519")) return unsupported("The key is on another curve.");
        natural = is_curve ? JwsAlgorithm::es256 : JwsAlgorithm::eddsa;
    } else if (*kty.text == "RSA") {
        natural = named == JwsAlgorithm::rs256 || named == JwsAlgorithm::ps256 ? *named : options.rsa_algorithm;
    } else if (*kty.text != "oct") {
        return unsupported("The key is of another kind.");
    } else if (!options.allow_secrets) {
        return unsupported("Shared secrets are not taken from here.");
    }
    if (named && *named != natural) return malformed("`alg` does not belong to a key of this kind.");
    return natural;
}

PkeyPtr public_key(Json const& jwk, JwsAlgorithm algorithm) {
    switch (algorithm) {
        case JwsAlgorithm::es256:
            return p256_from_point({.x = bytes(jwk, "x"), .y = bytes(jwk, "y")});
        case JwsAlgorithm::eddsa:
            return ed25519_from_public(bytes(jwk, "x"));
        case JwsAlgorithm::rs256:
        case JwsAlgorithm::ps256:
            return rsa_from_numbers({.n = bytes(jwk, "n"), .e = bytes(jwk, "e")});
        case JwsAlgorithm::hs256:
            break;
    }
    return nullptr;
}

}  // namespace

Result<VerificationKey> read_jwk(Json const& jwk, JwkOptions const& options) {
    if (jwk.if_object() == nullptr) return malformed("A key is no JSON object.");
    auto const algorithm = algorithm_of(jwk, options);
    if (!algorithm) return algorithm.error();
    if (auto usable = check_use(jwk); !usable) return std::move(usable).error();
    auto const kid = member(jwk, "kid");
    bool const named = kid.text && !kid.text->empty() && kid.text->size() <= kLongestId;
    if (!kid.sound || (kid.text && !named)) return malformed("`kid` is no text of 1 to 256 bytes.");
    std::string id(kid.text.value_or(""));

    if (*algorithm == JwsAlgorithm::hs256) {
        auto secret = bytes(jwk, "k");
        auto members = R"({"k":")" + base::base64url_encode(secret) + R"(","kty":"oct"})";
        if (id.empty()) id = base::base64url_encode(sha256(members));
        base::wipe(members);
        bool const enough = secret.size() >= kLeastSecret;
        HmacKey key(bytes_of(secret));
        base::wipe(secret);
        if (!enough) return malformed("`k` is no secret of at least 32 bytes.");
        return VerificationKey(std::make_shared<SigningKey::Material const>(std::move(key), std::move(id)));
    }
    // RFC 7517 section 9.2: a private key that is published is nobody's any more.
    for (auto const* name : {"d", "p", "q", "dp", "dq", "qi", "oth"}) {
        if (jwk.find(name) != nullptr) return malformed("The key gives its private half away.");
    }
    auto key = public_key(jwk, *algorithm);
    if (key == nullptr) return malformed("The key's numbers are no sound public key.");
    return VerificationKey(
        std::make_shared<SigningKey::Material const>(std::move(key), *algorithm, false, std::move(id)));
}

}  // namespace nexpo::crypto

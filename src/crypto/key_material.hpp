// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/digest.hpp"
#include "crypto/openssl.hpp"
#include "crypto/pkey_contexts.hpp"
#include "crypto/signing_key.hpp"

namespace nexpo::crypto {

/// A key and the one algorithm it serves, with what a call needs standing ready to be copied. Either `pkey` and the
/// contexts of its algorithm are set, or `hmac` is.
struct SigningKey::Material {
    /// Whether a key of this kind, curve and size may serve the algorithm.
    static bool fits(EVP_PKEY const* key, JwsAlgorithm algorithm);

    /// A private key from outside; null unless it fits and what it signs is good under its own public half.
    static std::shared_ptr<Material const> adopt(PkeyPtr key, JwsAlgorithm algorithm, std::string id);

    /// `key` fits the algorithm; a public key only verifies. Without an id it is named by its thumbprint (RFC 7638).
    Material(PkeyPtr key, JwsAlgorithm algorithm, bool is_private, std::string id);
    Material(HmacKey key, std::string id);

    std::string sign(std::string_view data) const;
    bool verify(std::string_view data, std::string_view signature) const;

    JwsAlgorithm algorithm;
    std::string key_id;
    PkeyPtr pkey{};
    std::optional<PkeyContexts> signer{};
    std::optional<PkeyContexts> verifier{};
    MdCtxPtr eddsa_signer{};
    MdCtxPtr eddsa_verifier{};
    std::optional<HmacKey> hmac{};
};

/// The members of the public key that a thumbprint covers, in the order in which it does (RFC 7638 section 3.2, RFC
/// 8037 section 2).
Json public_members(EVP_PKEY const* key);

}  // namespace nexpo::crypto

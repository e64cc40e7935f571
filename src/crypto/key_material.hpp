// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "crypto/digest.hpp"
#include "crypto/ec_key.hpp"
#include "crypto/signing_key.hpp"

namespace nexpo::crypto {

/// What a key holds ready so that a call only copies a context. Either the `ec` members are set, or `hmac` is.
struct SigningKey::Material {
    /// `key` may be a public key, which only verifies.
    explicit Material(PkeyPtr key);
    Material(HmacKey key, std::string id);

    JwsAlgorithm algorithm;
    std::string key_id;
    PkeyPtr ec{};
    PkeyCtxPtr ec_signer{};
    PkeyCtxPtr ec_verifier{};
    std::optional<HmacKey> hmac{};
};

}  // namespace nexpo::crypto

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/ec_key.hpp"
#include "crypto/jws.hpp"
#include "crypto/private_key.hpp"

namespace nexpo::crypto {

/// Makes tokens that no honest signer makes.
class TokenForge {
 public:
    TokenForge() : key_(SigningKey::generate_es256().value()), keys_{VerificationKey(key_)} {
        auto const der = key_.private_der();
        pkey_ = private_key_from_der(der.reveal());
        signer_.emplace(p256_signer(pkey_.get()));
    }

    SigningKey const& key() const { return key_; }
    std::vector<VerificationKey> const& keys() const { return keys_; }

    static std::string encode(std::string_view bytes) { return base::base64url_encode(bytes); }

    /// Signed properly with the ES256 key, whatever header and payload say.
    std::string es256(std::string_view header, std::string_view payload) const {
        auto const input = encode(header) + "." + encode(payload);
        return input + "." + encode(p256_sign(*signer_, input));
    }

    static std::string hs256(std::string_view secret, std::string_view header, std::string_view payload) {
        auto const input = encode(header) + "." + encode(payload);
        return input + "." + encode(text_of(hmac_sha256(secret, input)));
    }

    /// The fault that these keys find in a token.
    TokenFault fault(std::string_view token, VerifyOptions const& options = {}) const {
        return fault_with(token, keys_, options);
    }

    static TokenFault fault_with(std::string_view token, std::vector<VerificationKey> const& keys,
                                 VerifyOptions const& options = {}) {
        auto fault = TokenFault::none;
        auto const result = verify_jws(token, keys, options, &fault);
        if (!result && (result.error().code != Errc::unauthenticated || result.error().reason != "token_invalid" ||
                        result.error().message != "The token is not valid.")) {
            return TokenFault::expired;  // No fault of `verify_jws`: the answer itself is wrong.
        }
        return fault;
    }

 private:
    SigningKey key_;
    std::vector<VerificationKey> keys_;
    PkeyPtr pkey_;
    std::optional<PkeyContexts> signer_;
};

}  // namespace nexpo::crypto

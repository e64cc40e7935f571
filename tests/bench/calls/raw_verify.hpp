// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "nexpo/auth.hpp"

namespace nexpo::bench {

/// A token as OpenSSL wants it: nothing is decoded while the time is taken.
struct SignedText {
    std::string text;
    std::string signature;  ///< DER
};

/// Takes a compact JWS apart.
SignedText signed_text(std::string_view token);

/// Verifies ES256 with OpenSSL and nothing else: the key is read once, the context is made once.
class RawVerify {
 public:
    explicit RawVerify(JsonWebKey const& key);

    bool verify(SignedText const& text);

 private:
    struct Free {
        void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
        void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
        void operator()(EVP_MD* algorithm) const noexcept { EVP_MD_free(algorithm); }
    };

    std::unique_ptr<EVP_PKEY, Free> key_;
    std::unique_ptr<EVP_PKEY_CTX, Free> context_;
    std::unique_ptr<EVP_MD, Free> sha256_;
};

}  // namespace nexpo::bench

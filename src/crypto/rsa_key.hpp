// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/openssl.hpp"
#include "crypto/pkey_contexts.hpp"

namespace nexpo::crypto {

/// A public key as big-endian numbers without leading zeros (RFC 7518 section 6.3.1).
struct RsaNumbers {
    std::string n{};
    std::string e{};
};

enum class RsaPadding : std::uint8_t {
    pkcs1,  ///< RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2)
    pss,    ///< RSASSA-PSS with MGF1 over SHA-256 and a salt of 32 bytes (RFC 7518 section 3.5)
};

/// Null when the numbers are no key that `is_sound_rsa` accepts, or have leading zeros.
PkeyPtr rsa_from_numbers(RsaNumbers const& numbers);

/// Whether it is an RSA key of 2048 (RFC 7518 section 3.3) to 8192 bits (beyond, one signature takes too long) with
/// an odd exponent from 3 to 2^32.
bool is_sound_rsa(EVP_PKEY const* key);
RsaNumbers rsa_numbers_of(EVP_PKEY const* key);

/// Signatures over a SHA-256 digest, as long as the modulus.
PkeyCtxPtr rsa_signer(EVP_PKEY* key, RsaPadding padding);
PkeyCtxPtr rsa_verifier(EVP_PKEY* key, RsaPadding padding);
std::string rsa_sign(PkeyContexts const& signer, std::string_view data);
bool rsa_verify(PkeyContexts const& verifier, std::string_view data, std::string_view signature);

}  // namespace nexpo::crypto

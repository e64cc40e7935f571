// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "crypto/openssl.hpp"
#include "crypto/pkey_contexts.hpp"

namespace nexpo::crypto {

/// The width of a P-256 coordinate, and of R and S in a signature.
inline constexpr std::size_t kP256Size = 32;

/// A public key as big-endian coordinates of fixed width (RFC 7518 section 6.2.1).
struct EcPoint {
    std::string x{};
    std::string y{};
};

/// Keys on P-256; null when the input is no sound key on that curve.
PkeyPtr generate_p256();
PkeyPtr p256_from_point(EcPoint const& point);

bool is_p256(EVP_PKEY const* key);
EcPoint point_of(EVP_PKEY const* key);

/// ECDSA over a SHA-256 digest with R and S as 64 bytes (RFC 7518 section 3.4).
PkeyCtxPtr p256_signer(EVP_PKEY* key);
PkeyCtxPtr p256_verifier(EVP_PKEY* key);
std::string p256_sign(PkeyContexts const& signer, std::string_view data);
bool p256_verify(PkeyContexts const& verifier, std::string_view data, std::string_view signature);

}  // namespace nexpo::crypto

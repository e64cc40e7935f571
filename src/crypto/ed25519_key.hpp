// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "crypto/openssl.hpp"

namespace nexpo::crypto {

/// Keys on Edwards25519 (RFC 8032 section 5.1); null when the input has another size than 32 bytes.
PkeyPtr generate_ed25519();
PkeyPtr ed25519_from_public(std::string_view bytes);

bool is_ed25519(EVP_PKEY const* key);
std::string ed25519_public_of(EVP_PKEY const* key);

/// Ed25519 over the data itself, 64 bytes (RFC 8037 section 3.1). A context serves any number of calls and threads: it
/// is only copied.
MdCtxPtr ed25519_signer(EVP_PKEY* key);
MdCtxPtr ed25519_verifier(EVP_PKEY* key);
std::string ed25519_sign(EVP_MD_CTX const* signer, std::string_view data);
bool ed25519_verify(EVP_MD_CTX const* verifier, std::string_view data, std::string_view signature);

}  // namespace nexpo::crypto

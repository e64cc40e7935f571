// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "crypto/openssl.hpp"

namespace nexpo::crypto {

/// A private key in PKCS #8 (RFC 5208) and nothing else; null when it is none.
PkeyPtr private_key_from_der(std::string_view der);

/// The one private key in a PEM text (RFC 7468): PKCS #8, or OpenSSL's older forms around SEC 1 (RFC 5915) and PKCS #1
/// (RFC 8017 appendix A.1.2). Null when there is none, more than one, or an encrypted one.
PkeyPtr private_key_from_pem(std::string_view pem);

/// The private key as PKCS #8.
std::string private_der_of(EVP_PKEY const* key);

}  // namespace nexpo::crypto

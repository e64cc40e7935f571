// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace nexpo::crypto {

template <auto Function>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        Function(object);
    }
};

using BignumPtr = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using CipherCtxPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;
using CipherPtr = std::unique_ptr<EVP_CIPHER, FreeWith<EVP_CIPHER_free>>;
using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;
using MacCtxPtr = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
using MacPtr = std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>>;
using MdCtxPtr = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using MdPtr = std::unique_ptr<EVP_MD, FreeWith<EVP_MD_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using PkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>>;

/// Leaves the thread's OpenSSL error queue as it was: a TLS connection on the same thread reads that queue to tell
/// what happened to itself, and must not find our refused signature there.
class ErrorScope {
 public:
    ErrorScope() noexcept { ERR_set_mark(); }
    ErrorScope(ErrorScope const&) = delete;
    ErrorScope& operator=(ErrorScope const&) = delete;
    ~ErrorScope() { ERR_pop_to_mark(); }
};

/// Throws `Exception` (internal, `crypto_failed`): OpenSSL cannot do what it always can, for want of memory or of its
/// default provider. There is no safe value to go on with.
[[noreturn]] void throw_crypto_failed();

inline void require(bool done) {
    if (!done) throw_crypto_failed();
}

inline unsigned char const* raw(std::string_view bytes) noexcept {
    return reinterpret_cast<unsigned char const*>(bytes.data());
}

inline unsigned char* raw(std::string& bytes) noexcept {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

/// A copy of a context that stands ready. Setting one up takes fetches from OpenSSL's global stores; copying it does
/// not.
MdCtxPtr copy_of(EVP_MD_CTX const* context);

}  // namespace nexpo::crypto

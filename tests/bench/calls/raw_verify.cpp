// SPDX-License-Identifier: Apache-2.0
#include "calls/raw_verify.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>

#include <array>
#include <stdexcept>

#include "base/base64.hpp"

namespace nexpo::bench {

namespace {

constexpr int kCoordinate = 32;  // bytes of a number of P-256

void require(bool fine) {
    if (!fine) throw std::runtime_error("OpenSSL failed");
}

unsigned char const* raw(std::string_view bytes) {
    return reinterpret_cast<unsigned char const*>(bytes.data());
}

EVP_PKEY* read_key(JsonWebKey const& key) {
    auto const point = '\x04' + base::base64url_decode(key.x).value() + base::base64url_decode(key.y).value();
    std::string curve = "P-256";
    std::array<OSSL_PARAM, 3> const parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<char*>(point.data()), point.size()),
        OSSL_PARAM_construct_end()};
    std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> const context(
        EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), &EVP_PKEY_CTX_free);
    EVP_PKEY* made = nullptr;
    require(EVP_PKEY_fromdata_init(context.get()) == 1);
    require(EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters.data())) ==
            1);
    return made;
}

}  // namespace

SignedText signed_text(std::string_view token) {
    auto const dot = token.rfind('.');
    auto const numbers = base::base64url_decode(token.substr(dot + 1)).value();
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> const parts(ECDSA_SIG_new(), &ECDSA_SIG_free);
    require(ECDSA_SIG_set0(parts.get(), BN_bin2bn(raw(numbers), kCoordinate, nullptr),
                           BN_bin2bn(raw(numbers) + kCoordinate, kCoordinate, nullptr)) == 1);
    unsigned char* der = nullptr;
    auto const size = i2d_ECDSA_SIG(parts.get(), &der);
    require(size > 0);
    SignedText text{.text = std::string(token.substr(0, dot)),
                    .signature = std::string(reinterpret_cast<char*>(der), static_cast<std::size_t>(size))};
    OPENSSL_free(der);
    return text;
}

RawVerify::RawVerify(JsonWebKey const& key)
    : key_(read_key(key)),
      context_(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr)),
      sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {
    require(EVP_PKEY_verify_init(context_.get()) == 1);
}

bool RawVerify::verify(SignedText const& text) {
    std::array<unsigned char, 32> digest{};
    require(EVP_Digest(text.text.data(), text.text.size(), digest.data(), nullptr, sha256_.get(), nullptr) == 1);
    return EVP_PKEY_verify(context_.get(), raw(text.signature), text.signature.size(), digest.data(), digest.size()) ==
           1;
}

}  // namespace nexpo::bench

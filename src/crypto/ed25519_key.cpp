// SPDX-License-Identifier: Apache-2.0
#include "crypto/ed25519_key.hpp"

namespace nexpo::crypto {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kSignatureSize = 64;

}  // namespace

PkeyPtr generate_ed25519() {
    ErrorScope const errors;
    return PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

PkeyPtr ed25519_from_public(std::string_view bytes) {
    if (bytes.size() != kKeySize) return nullptr;
    ErrorScope const errors;
    return PkeyPtr(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, raw(bytes), bytes.size()));
}

bool is_ed25519(EVP_PKEY const* key) {
    return EVP_PKEY_is_a(key, "ED25519") == 1;
}

std::string ed25519_public_of(EVP_PKEY const* key) {
    std::string bytes(kKeySize, '\0');
    auto size = bytes.size();
    require(EVP_PKEY_get_raw_public_key(key, raw(bytes), &size) == 1 && size == kKeySize);
    return bytes;
}

MdCtxPtr ed25519_signer(EVP_PKEY* key) {
    MdCtxPtr context(EVP_MD_CTX_new());
    require(context != nullptr && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1);
    return context;
}

MdCtxPtr ed25519_verifier(EVP_PKEY* key) {
    MdCtxPtr context(EVP_MD_CTX_new());
    require(context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1);
    return context;
}

std::string ed25519_sign(EVP_MD_CTX const* signer, std::string_view data) {
    ErrorScope const errors;
    auto const context = copy_of(signer);
    std::string signature(kSignatureSize, '\0');
    auto size = signature.size();
    require(EVP_DigestSign(context.get(), raw(signature), &size, raw(data), data.size()) == 1);
    require(size == kSignatureSize);
    return signature;
}

bool ed25519_verify(EVP_MD_CTX const* verifier, std::string_view data, std::string_view signature) {
    if (signature.size() != kSignatureSize) return false;
    ErrorScope const errors;
    auto const context = copy_of(verifier);
    return EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(data), data.size()) == 1;
}

}  // namespace nexpo::crypto

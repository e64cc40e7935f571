// SPDX-License-Identifier: Apache-2.0
#include "crypto/private_key.hpp"

namespace nexpo::crypto {
namespace {

/// An RSA key of 8192 bits takes 6.5 kB.
constexpr std::size_t kLargestPem = 32'768;

/// What stands between two lines of dashes.
struct PemBlock {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;

    PemBlock() = default;
    PemBlock(PemBlock const&) = delete;
    PemBlock& operator=(PemBlock const&) = delete;
    ~PemBlock() {
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    }
};

PkeyPtr key_of(int type, std::string_view der) {
    auto const* position = raw(der);
    PkeyPtr key(d2i_PrivateKey(type, nullptr, &position, static_cast<long>(der.size())));
    return position == raw(der) + der.size() ? std::move(key) : nullptr;
}

PkeyPtr key_in(PemBlock const& block) {
    std::string_view const name(block.name);
    std::string_view const der(reinterpret_cast<char const*>(block.data), static_cast<std::size_t>(block.size));
    if (*block.header != '\0') return nullptr;  // `Proc-Type: 4,ENCRYPTED` (RFC 1421)
    if (name == PEM_STRING_PKCS8INF) return private_key_from_der(der);
    if (name == PEM_STRING_ECPRIVATEKEY) return key_of(EVP_PKEY_EC, der);
    if (name == PEM_STRING_RSA) return key_of(EVP_PKEY_RSA, der);
    return nullptr;
}

}  // namespace

PkeyPtr private_key_from_der(std::string_view der) {
    ErrorScope const errors;
    auto const* position = raw(der);
    Pkcs8Ptr const info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &position, static_cast<long>(der.size())));
    if (info == nullptr || position != raw(der) + der.size()) return nullptr;
    return PkeyPtr(EVP_PKCS82PKEY(info.get()));
}

PkeyPtr private_key_from_pem(std::string_view pem) {
    if (pem.size() > kLargestPem) return nullptr;
    ErrorScope const errors;
    BioPtr const input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    require(input != nullptr);
    PkeyPtr found;
    for (;;) {
        PemBlock block;
        if (PEM_read_bio(input.get(), &block.name, &block.header, &block.data, &block.size) != 1) return found;
        if (std::string_view(block.name) == PEM_STRING_ECPARAMETERS)
            continue;  // `openssl ecparam -genkey` leads with it
        if (found != nullptr) return nullptr;
        found = key_in(block);
        if (found == nullptr) return nullptr;
    }
}

std::string private_der_of(EVP_PKEY const* key) {
    ErrorScope const errors;
    Pkcs8Ptr const info(EVP_PKEY2PKCS8(key));
    require(info != nullptr);
    auto const size = i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr);
    require(size > 0);
    std::string der(static_cast<std::size_t>(size), '\0');
    auto* end = raw(der);
    require(i2d_PKCS8_PRIV_KEY_INFO(info.get(), &end) == size);
    return der;
}

}  // namespace nexpo::crypto

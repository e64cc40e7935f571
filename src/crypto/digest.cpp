// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "crypto/openssl.hpp"

namespace nexpo::crypto {
namespace {

unsigned char const* raw(std::span<std::byte const> bytes) noexcept {
    return reinterpret_cast<unsigned char const*>(bytes.data());
}

unsigned char* raw(Digest& digest) noexcept {
    return reinterpret_cast<unsigned char*>(digest.data());
}

/// A fetch takes a global lock and a lookup by name, several times what hashing a short text costs.
EVP_MD const* sha256_algorithm() {
    static MdPtr const algorithm = [] {
        MdPtr fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr));
        require(fetched != nullptr);
        return fetched;
    }();
    return algorithm.get();
}

void set_key(EVP_MAC_CTX* context, std::span<std::byte const> key) {
    // OpenSSL reads a null key as "keep the one that is set"; an empty key (RFC 2104 allows it) needs an address.
    static constexpr unsigned char kNothing = 0;
    require(EVP_MAC_init(context, key.empty() ? &kNothing : raw(key), key.size(), nullptr) == 1);
}

/// A context with the algorithm chosen, from which the others are copied: choosing it costs two fetches.
EVP_MAC_CTX const* hmac_template() {
    static MacCtxPtr const context = [] {
        MacPtr const algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
        require(algorithm != nullptr);
        MacCtxPtr created(EVP_MAC_CTX_new(algorithm.get()));
        require(created != nullptr);
        char name[] = "SHA256";
        OSSL_PARAM const parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                         OSSL_PARAM_construct_end()};
        require(EVP_MAC_CTX_set_params(created.get(), parameters) == 1);
        set_key(created.get(), {});
        return created;
    }();
    return context.get();
}

MacCtxPtr copy_of(EVP_MAC_CTX const* context) {
    MacCtxPtr copy(EVP_MAC_CTX_dup(context));
    require(copy != nullptr);
    return copy;
}

Digest finish(EVP_MAC_CTX* context, std::span<std::byte const> data) {
    Digest digest;
    std::size_t size = 0;
    require(EVP_MAC_update(context, raw(data), data.size()) == 1);
    require(EVP_MAC_final(context, raw(digest), &size, digest.size()) == 1 && size == digest.size());
    return digest;
}

}  // namespace

Digest sha256(std::span<std::byte const> data) {
    Digest digest;
    require(EVP_Digest(data.data(), data.size(), raw(digest), nullptr, sha256_algorithm(), nullptr) == 1);
    return digest;
}

Digest sha256(std::string_view data) {
    return sha256(bytes_of(data));
}

Digest hmac_sha256(std::span<std::byte const> key, std::span<std::byte const> data) {
    auto const context = copy_of(hmac_template());
    set_key(context.get(), key);
    return finish(context.get(), data);
}

Digest hmac_sha256(std::string_view key, std::string_view data) {
    return hmac_sha256(bytes_of(key), bytes_of(data));
}

struct HmacKey::State {
    MacCtxPtr context;
};

HmacKey::HmacKey(std::span<std::byte const> key) {
    auto context = copy_of(hmac_template());
    set_key(context.get(), key);
    state_ = std::make_shared<State const>(State{.context = std::move(context)});
}

Digest HmacKey::sign(std::string_view data) const {
    return finish(copy_of(state_->context.get()).get(), bytes_of(data));
}

bool constant_time_equal(std::span<std::byte const> left, std::span<std::byte const> right) noexcept {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool constant_time_equal(std::string_view left, std::string_view right) noexcept {
    return constant_time_equal(bytes_of(left), bytes_of(right));
}

std::span<std::byte const> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span(text));
}

std::string_view text_of(std::span<std::byte const> bytes) noexcept {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

}  // namespace nexpo::crypto

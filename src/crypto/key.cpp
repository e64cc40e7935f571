// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <string>

#include "crypto/digest.hpp"

namespace nexpo::crypto {

Key::Key(std::span<std::byte const, kSize> bytes) noexcept {
    std::ranges::copy(bytes, bytes_.begin());
}

Key::~Key() {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

bool Key::operator==(Key const& other) const noexcept {
    return constant_time_equal(bytes_, other.bytes_);
}

Key hkdf_sha256(std::span<std::byte const> key, std::string_view info, std::span<std::byte const> salt) {
    auto extracted = hmac_sha256(salt, key);  // RFC 5869 section 2.2; no salt and 32 zero bytes are the same HMAC key.
    std::string block(info);
    block.push_back('\x01');
    auto expanded = hmac_sha256(extracted, bytes_of(block));  // Section 2.3: 32 bytes are just T(1).
    Key derived(expanded);
    OPENSSL_cleanse(extracted.data(), extracted.size());
    OPENSSL_cleanse(expanded.data(), expanded.size());
    return derived;
}

}  // namespace nexpo::crypto

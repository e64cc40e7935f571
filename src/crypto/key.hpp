// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace nexpo::crypto {

/// 32 bytes of secret key. The memory is overwritten when the key is destroyed.
class Key {
 public:
    static constexpr std::size_t kSize = 32;

    explicit Key(std::span<std::byte const, kSize> bytes) noexcept;
    Key(Key const&) noexcept = default;
    Key& operator=(Key const&) noexcept = default;
    ~Key();

    std::span<std::byte const, kSize> bytes() const& noexcept { return bytes_; }
    std::span<std::byte const, kSize> bytes() const&& = delete;  // They would be wiped before they are read.

    /// In constant time.
    bool operator==(Key const& other) const noexcept;

 private:
    std::array<std::byte, kSize> bytes_;
};

/// HKDF with SHA-256 (RFC 5869), the first 32 bytes of output: an independent key for each `info`, so that no key
/// serves two purposes. `key` must hold at least 128 bits of entropy.
Key hkdf_sha256(std::span<std::byte const> key, std::string_view info, std::span<std::byte const> salt = {});

}  // namespace nexpo::crypto

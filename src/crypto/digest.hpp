// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace nexpo::crypto {

/// The output of SHA-256 and of HMAC with it.
using Digest = std::array<std::byte, 32>;

/// SHA-256 (FIPS 180-4). Thread-safe, as everything here.
Digest sha256(std::span<std::byte const> data);
Digest sha256(std::string_view data);

/// HMAC with SHA-256 (RFC 2104).
Digest hmac_sha256(std::span<std::byte const> key, std::span<std::byte const> data);
Digest hmac_sha256(std::string_view key, std::string_view data);

/// HMAC-SHA-256 under one key that is scheduled once. Copies share the key.
class HmacKey {
 public:
    explicit HmacKey(std::span<std::byte const> key);

    Digest sign(std::string_view data) const;

 private:
    struct State;
    std::shared_ptr<State const> state_;
};

/// Compares in a time that depends on the lengths only.
bool constant_time_equal(std::span<std::byte const> left, std::span<std::byte const> right) noexcept;
bool constant_time_equal(std::string_view left, std::string_view right) noexcept;

/// The bytes of a text.
std::span<std::byte const> bytes_of(std::string_view text) noexcept;
/// Bytes seen as text.
std::string_view text_of(std::span<std::byte const> bytes) noexcept;

}  // namespace nexpo::crypto

// SPDX-License-Identifier: Apache-2.0
#include "auth/api_key_secret.hpp"

#include <array>
#include <cstdint>

#include "base/hex.hpp"
#include "crypto/digest.hpp"

namespace nexpo::auth {

namespace {

constexpr std::string_view kPrefix = "nxp_";
constexpr std::string_view kLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kRandomLetters = 40;
constexpr std::size_t kCheckLetters = 6;

/// CRC-32 as in ISO 3309 and RFC 1952 section 8.
std::uint32_t crc32(std::string_view text) noexcept {
    std::uint32_t crc = 0xffffffff;
    for (char const c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

std::array<char, kCheckLetters> check_letters(std::string_view text) noexcept {
    std::array<char, kCheckLetters> letters{};
    auto rest = crc32(text);
    for (auto at = letters.rbegin(); at != letters.rend(); ++at) {
        *at = kLetters[rest % kLetters.size()];
        rest /= static_cast<std::uint32_t>(kLetters.size());
    }
    return letters;
}

}  // namespace

std::string make_api_key_secret(Random& random) {
    std::string secret(kPrefix);
    std::array<std::byte, 64> bytes{};
    while (secret.size() < kPrefix.size() + kRandomLetters) {
        random.fill(bytes);
        for (auto const byte : bytes) {
            // Bytes from 248 on would make the first letters more likely than the others.
            auto const number = std::to_integer<std::size_t>(byte);
            if (number < 4 * kLetters.size()) secret += kLetters[number % kLetters.size()];
            if (secret.size() == kPrefix.size() + kRandomLetters) break;
        }
    }
    auto const check = check_letters(secret);
    return secret.append(check.begin(), check.end());
}

bool looks_like_api_key(std::string_view text) noexcept {
    return text.starts_with(kPrefix);
}

bool is_well_formed_api_key(std::string_view text) noexcept {
    if (text.size() != kPrefix.size() + kRandomLetters + kCheckLetters || !text.starts_with(kPrefix)) return false;
    auto const body = text.substr(0, kPrefix.size() + kRandomLetters);
    if (body.find_first_not_of(kLetters, kPrefix.size()) != body.npos) return false;
    auto const check = check_letters(body);
    return text.substr(body.size()) == std::string_view(check.data(), check.size());
}

std::string api_key_hash(std::string_view secret) {
    return base::hex_encode(crypto::sha256(secret));
}

}  // namespace nexpo::auth

// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <array>
#include <cstdint>

#include "base/wipe.hpp"

namespace nexpo::base {

namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kForeign = 64;

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
    Values values{};
    values.fill(kForeign);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr Values kStandardValues = values_of(kStandard);
constexpr Values kUrlValues = values_of(kUrl);

std::string encode(std::span<std::byte const> bytes, std::string_view alphabet) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    int count = 0;
    for (std::byte byte : bytes) {
        bits = bits << 8 | std::to_integer<std::uint32_t>(byte);
        for (count += 8; count >= 6; count -= 6) text.push_back(alphabet[bits >> (count - 6) & 63]);
    }
    if (count > 0) text.push_back(alphabet[bits << (6 - count) & 63]);
    return text;
}

/// What was decoded until then may be a part of a secret.
std::optional<std::string> refuse(std::string& decoded) {
    wipe(decoded);
    return std::nullopt;
}

std::optional<std::string> decode(std::string_view text, Values const& values) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int count = 0;
    for (char c : text) {
        std::uint8_t const value = values[static_cast<unsigned char>(c)];
        if (value == kForeign) return refuse(bytes);
        bits = bits << 6 | value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<char>(bits >> count & 255));
        }
    }
    // RFC 4648 section 3.5: set spare bits would give one value several spellings.
    if ((bits & ((1U << count) - 1)) != 0) return refuse(bytes);
    return bytes;
}

}  // namespace

std::string base64url_encode(std::span<std::byte const> bytes) {
    return encode(bytes, kUrl);
}

std::string base64url_encode(std::string_view bytes) {
    return base64url_encode(std::as_bytes(std::span(bytes)));
}

std::optional<std::string> base64url_decode(std::string_view text) {
    return decode(text, kUrlValues);
}

std::string base64_encode(std::span<std::byte const> bytes) {
    std::string text = encode(bytes, kStandard);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::string base64_encode(std::string_view bytes) {
    return base64_encode(std::as_bytes(std::span(bytes)));
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    // With a length of four's multiple, two are the most that a valid text can end in.
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode(text, kStandardValues);
}

}  // namespace nexpo::base

// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"

#include "base/wipe.hpp"

namespace nexpo::base {

namespace {

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// What was decoded until then may be a part of a secret.
std::optional<std::string> refuse(std::string& decoded) {
    wipe(decoded);
    return std::nullopt;
}

}  // namespace

std::string hex_encode(std::span<std::byte const> bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    append_hex(text, bytes);
    return text;
}

void append_hex(std::string& text, std::span<std::byte const> bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::byte byte : bytes) {
        auto const value = std::to_integer<unsigned>(byte);
        text.push_back(kDigits[value >> 4]);
        text.push_back(kDigits[value & 15]);
    }
}

std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        int const high = digit_value(text[i]);
        int const low = digit_value(text[i + 1]);
        if (high < 0 || low < 0) return refuse(bytes);
        bytes.push_back(static_cast<char>(high << 4 | low));
    }
    return bytes;
}

}  // namespace nexpo::base

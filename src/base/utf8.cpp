// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace nexpo::base {

namespace {

/// The row of the Unicode standard's table 3-7 that a lead byte stands in.
struct Form {
    std::size_t length;
    unsigned char second_min;
    unsigned char second_max;
};

Form form_of(unsigned char lead) {
    if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
    if (lead == 0xE0) return {3, 0xA0, 0xBF};
    if (lead == 0xED) return {3, 0x80, 0x9F};
    if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
    if (lead == 0xF0) return {4, 0x90, 0xBF};
    if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
    if (lead == 0xF4) return {4, 0x80, 0x8F};
    return {1, 0, 0};
}

/// How many bytes at the front are ASCII, counted in steps of eight.
std::size_t ascii_prefix(std::string_view text) {
    std::size_t length = 0;
    while (text.size() - length >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + length, sizeof word);
        if ((word & 0x8080808080808080U) != 0) break;
        length += sizeof word;
    }
    return length;
}

}  // namespace

Utf8Sequence next_utf8(std::string_view text) noexcept {
    if (text.empty()) return {};
    auto const at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (at(0) < 0x80) return {1, true};
    Form const form = form_of(at(0));
    if (form.length == 1) return {1, false};
    if (text.size() < 2 || at(1) < form.second_min || at(1) > form.second_max) return {1, false};
    for (std::size_t i = 2; i < form.length; ++i) {
        if (i >= text.size() || (at(i) & 0xC0) != 0x80) return {i, false};
    }
    return {form.length, true};
}

bool valid_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        if (std::size_t const ascii = ascii_prefix(text)) {
            text.remove_prefix(ascii);
            continue;
        }
        Utf8Sequence const next = next_utf8(text);
        if (!next.valid) return false;
        text.remove_prefix(next.length);
    }
    return true;
}

std::size_t count_code_points(std::string_view text) noexcept {
    std::size_t count = 0;
    for (; !text.empty(); ++count) text.remove_prefix(next_utf8(text).length);
    return count;
}

std::string replace_invalid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        Utf8Sequence const next = next_utf8(text);
        out.append(next.valid ? text.substr(0, next.length) : kReplacementCharacter);
        text.remove_prefix(next.length);
    }
    return out;
}

}  // namespace nexpo::base

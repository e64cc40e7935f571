// SPDX-License-Identifier: Apache-2.0
#include "gateway/percent.hpp"

#include "gateway/ascii.hpp"

namespace nexpo::gateway {

namespace {

int digit_value(char c) {
    if (is_digit(c)) return c - '0';
    auto const lower = base::to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (text.size() - i < 3) return std::nullopt;
            int const high = digit_value(text[i + 1]);
            int const low = digit_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i] == '+' && plus == Plus::space ? ' ' : text[i];
        }
    }
    return out;
}

void append_percent_encoded(std::string& out, std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (char const c : text) {
        if (is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            out += c;
        } else {
            auto const byte = static_cast<unsigned char>(c);
            out += '%';
            out += kDigits[byte >> 4U];
            out += kDigits[byte & 15U];
        }
    }
}

}  // namespace nexpo::gateway

// SPDX-License-Identifier: Apache-2.0
#include "describe/format.hpp"

#include <algorithm>

namespace nexpo::describe {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_alphanumeric(char c) {
    return is_digit(c) || is_lower(c) || is_upper(c);
}

/// A label of a host name: RFC 1123 section 2.1.
bool is_label(std::string_view label) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    return std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

/// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address, and the length of RFC 5321 section 4.5.3.1.
bool is_email(std::string_view text) {
    auto const at = text.find('@');
    if (at == 0 || at == std::string_view::npos || at > 64 || text.size() > 254) return false;
    constexpr std::string_view kSpecials = ".!#$%&'*+/=?^_`{|}~-";
    auto const local = text.substr(0, at);
    if (!std::ranges::all_of(local,
                             [&](char c) { return is_alphanumeric(c) || kSpecials.find(c) != kSpecials.npos; })) {
        return false;
    }
    auto domain = text.substr(at + 1);
    while (true) {
        auto const dot = domain.find('.');
        if (!is_label(domain.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        domain.remove_prefix(dot + 1);
    }
}

bool is_hexadecimal(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Characters of a URI: printable ASCII without those that RFC 3986 section 2 leaves out, `%` in triplets only.
bool is_uri_text(std::string_view text) {
    constexpr std::string_view kForbidden = "\"<>\\^`{|}";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] <= ' ' || text[i] >= '\x7f' || kForbidden.find(text[i]) != kForbidden.npos) return false;
        if (text[i] != '%') continue;
        if (text.size() - i < 3 || !is_hexadecimal(text[i + 1]) || !is_hexadecimal(text[i + 2])) return false;
    }
    return true;
}

/// RFC 3986 section 3: a scheme, `://`, and an authority with a host.
bool is_uri(std::string_view text) {
    auto const colon = text.find("://");
    if (colon == 0 || colon == std::string_view::npos || text.size() > 2048) return false;
    auto const scheme = text.substr(0, colon);
    if (!is_lower(scheme.front()) && !is_upper(scheme.front())) return false;
    if (!std::ranges::all_of(scheme, [](char c) { return is_alphanumeric(c) || c == '+' || c == '-' || c == '.'; })) {
        return false;
    }
    auto const rest = text.substr(colon + 3);
    auto const authority = rest.substr(0, rest.find_first_of("/?#"));
    auto const host = authority.substr(authority.rfind('@') + 1);  // the whole authority where there is no `@`
    return is_uri_text(rest) && !host.empty() && host.front() != ':';
}

bool is_slug(std::string_view text) {
    if (text.size() > 63 || !is_lower(text.front()) || text.back() == '-') return false;
    return std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

/// ITU-T E.164 section 6.2: at most fifteen digits, the first not zero.
bool is_phone(std::string_view text) {
    if (text.size() < 8 || text.size() > 16 || text[0] != '+' || text[1] == '0') return false;
    return std::ranges::all_of(text.substr(1), is_digit);
}

bool is_currency(std::string_view text) {
    return text.size() == 3 && std::ranges::all_of(text, is_upper);
}

/// C0, DEL, C1 (U+0080 to U+009F) and U+2028, U+2029, in text that is valid UTF-8.
bool is_line(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const rest = text.substr(i);
        if (static_cast<unsigned char>(rest[0]) < 0x20 || rest[0] == '\x7f') return false;
        if (rest.size() > 1 && rest[0] == '\xc2' && static_cast<unsigned char>(rest[1]) < 0xa0) return false;
        if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9")) return false;
    }
    return true;
}

}  // namespace

char const* broken_format(Format format, std::string_view text) noexcept {
    if (format == Format::none) return nullptr;
    if (format == Format::line) return is_line(text) ? nullptr : "must be one line without control characters";
    if (text.empty()) return "must not be empty";
    switch (format) {
        case Format::none:
        case Format::line:
            break;
        case Format::email:
            if (!is_email(text)) return "must be an e-mail address";
            break;
        case Format::uri:
            if (!is_uri(text)) return "must be an absolute URI";
            break;
        case Format::slug:
            if (!is_slug(text))
                return "must be 1 to 63 characters of a-z, 0-9 and inner hyphens, starting with a letter";
            break;
        case Format::phone:
            if (!is_phone(text)) return "must be a phone number such as +4930123456";
            break;
        case Format::currency:
            if (!is_currency(text)) return "must be a currency code of three upper-case letters";
            break;
    }
    return nullptr;
}

}  // namespace nexpo::describe

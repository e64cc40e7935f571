// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::fuzz {

/// A request and the bytes after it.
struct StrictRequest {
    std::string method{};
    std::string target{};
    std::vector<Header> headers{};
    std::string body{};
    std::string left{};
    std::size_t header_size = 0;
};

inline std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

inline bool is_token(std::string_view text) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               kMarks.find(c) != kMarks.npos;
    });
}

/// Visible characters, spaces, tabs and bytes beyond ASCII (RFC 9110 section 5.5).
inline bool is_field_value(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f'); });
}

inline std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

inline std::optional<std::size_t> read_number(std::string_view digits, int base) {
    std::size_t number = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

/// A line that ends with CRLF, without it; nothing when the text has no such end.
inline std::optional<std::string_view> take_line(std::string_view& text) {
    auto const end = text.find("\r\n");
    if (end == text.npos) return std::nullopt;
    return take_until(text, "\r\n");
}

/// Field lines up to the empty one (RFC 9112 section 5): no folding, no space before the colon.
inline bool take_fields(std::string_view& text, std::vector<Header>& fields) {
    while (auto const line = take_line(text)) {
        if (line->empty()) return true;
        auto const colon = line->find(':');
        if (colon == line->npos || !is_token(line->substr(0, colon)) || !is_field_value(line->substr(colon + 1))) {
            return false;
        }
        fields.push_back({std::string(line->substr(0, colon)), std::string(trim(line->substr(colon + 1)))});
    }
    return false;
}

/// RFC 9112 section 7.1. Extensions are skipped, trailers are not headers.
inline bool take_chunks(std::string_view& text, std::string& body) {
    while (auto const line = take_line(text)) {
        auto const size = read_number(trim(line->substr(0, line->find(';'))), 16);
        if (!size || !is_field_value(*line) || line->starts_with(' ') || line->starts_with('\t')) return false;
        if (*size == 0) {
            std::vector<Header> trailers;
            return take_fields(text, trailers);
        }
        if (text.size() < *size || text.substr(*size, 2) != "\r\n") return false;
        body += text.substr(0, *size);
        text.remove_prefix(*size + 2);
    }
    return false;
}

/// Reads a request to the letter of RFC 9112; nothing when it is incomplete, malformed or can be read in two ways.
inline std::optional<StrictRequest> read_strictly(std::string_view text) {
    while (text.starts_with("\r\n")) text.remove_prefix(2);
    auto const size = text.size();
    StrictRequest request;
    auto line = take_line(text);
    if (!line) return std::nullopt;
    request.method = take_until(*line, " ");
    request.target = take_until(*line, " ");
    bool const plain =
        std::ranges::all_of(request.target, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
    if (!is_token(request.method) || request.target.empty() || !plain) return std::nullopt;
    if ((*line != "HTTP/1.1" && *line != "HTTP/1.0") || !take_fields(text, request.headers)) return std::nullopt;
    request.header_size = size - text.size();

    std::vector<std::string> lengths;
    std::vector<std::string> encodings;
    std::size_t hosts = 0;
    for (auto const& [name, value] : request.headers) {
        auto const is = [&name = name](std::string_view wanted) { return lower(name) == wanted; };
        if (is("content-length")) lengths.push_back(value);
        if (is("transfer-encoding")) encodings.push_back(lower(value));
        if (is("host")) ++hosts;
    }
    bool const is_1_0 = *line == "HTTP/1.0";
    if (hosts > 1 || (hosts == 0 && !is_1_0)) return std::nullopt;
    // Section 6.1: both, or an encoding in HTTP/1.0, is how requests are smuggled.
    if (!encodings.empty() && (!lengths.empty() || is_1_0)) return std::nullopt;
    if (encodings.size() > 1 || lengths.size() > 1) return std::nullopt;
    if (!encodings.empty()) {
        if (encodings.front() != "chunked" || !take_chunks(text, request.body)) return std::nullopt;
    } else if (!lengths.empty()) {
        auto const length = read_number(lengths.front(), 10);
        if (!length || text.size() < *length) return std::nullopt;
        request.body = text.substr(0, *length);
        text.remove_prefix(*length);
    }
    request.left = text;
    return request;
}

}  // namespace nexpo::fuzz

// SPDX-License-Identifier: Apache-2.0
#include "load/response_reader.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace nexpo::bench {

namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kVersion = "HTTP/1.1 ";

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal(std::string_view left, std::string_view right) noexcept {
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::size_t number(std::string_view text) {
    std::size_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) throw std::runtime_error("not a number in a header");
    return value;
}

}  // namespace

std::optional<ResponseSpan> read_response(std::string_view received) {
    auto const head_size = received.find(kHeadEnd);
    if (head_size == received.npos) return std::nullopt;
    auto head = received.substr(0, head_size);
    if (!head.starts_with(kVersion)) throw std::runtime_error("not an HTTP/1.1 response");
    ResponseSpan span{.status = static_cast<int>(number(head.substr(kVersion.size(), 3))), .keep_alive = true};
    std::optional<std::size_t> length;
    if (span.status == 204 || span.status == 304) length = 0;
    while (true) {
        auto const line_end = head.find(kLineEnd);
        if (line_end == head.npos) break;
        head.remove_prefix(line_end + kLineEnd.size());
        auto const line = head.substr(0, head.find(kLineEnd));
        auto const colon = line.find(": ");
        if (colon == line.npos) continue;
        auto const name = line.substr(0, colon);
        auto const value = line.substr(colon + 2);
        if (equal(name, "Content-Length")) length = number(value);
        if (equal(name, "Connection") && equal(value, "close")) span.keep_alive = false;
    }
    if (!length) throw std::runtime_error("a response without Content-Length");
    span.size = head_size + kHeadEnd.size() + *length;
    if (received.size() < span.size) return std::nullopt;
    return span;
}

}  // namespace nexpo::bench

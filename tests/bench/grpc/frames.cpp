// SPDX-License-Identifier: Apache-2.0
#include "grpc/frames.hpp"

namespace nexpo::bench {

namespace {

constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kHeaders = 1;
constexpr std::uint8_t kSettings = 4;
constexpr std::uint8_t kWindowUpdate = 8;
constexpr std::uint8_t kEndStream = 1;
constexpr std::uint8_t kEndHeaders = 4;
constexpr std::uint8_t kInitialWindow = 4;
constexpr std::uint32_t kWindow = 0x3fff'ffff;
constexpr unsigned kFirstDynamic = 62;  // RFC 7541 section 2.3.3
constexpr unsigned kIndexed = 0x80;
constexpr unsigned kLiteralIndexed = 0x40;

void append_number(std::string& out, std::uint32_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

/// RFC 7541 section 5.1.
void append_integer(std::string& out, unsigned first, unsigned prefix, std::size_t value) {
    std::size_t const most = (1U << prefix) - 1;
    if (value < most) {
        out += static_cast<char>(first | value);
        return;
    }
    out += static_cast<char>(first | most);
    for (value -= most; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
    out += static_cast<char>(value);
}

void append_text(std::string& out, std::string_view text) {
    append_integer(out, 0, 7, text.size());
    out += text;
}

}  // namespace

Frames::Frames(Headers headers, std::string_view message) : headers_(std::move(headers)), message_(1, '\0') {
    append_number(message_, static_cast<std::uint32_t>(message.size()), 4);
    message_ += message;
}

std::string Frames::preface() {
    std::string out = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    std::string settings(1, '\0');
    settings += static_cast<char>(kInitialWindow);
    append_number(settings, kWindow, 4);
    append_frame(out, kSettings, 0, 0, settings);
    append_window(out, kWindow);
    return out;
}

void Frames::append_call(std::string& out, std::uint32_t stream) {
    std::string block;
    for (std::size_t i = 0; i < headers_.size(); ++i) {
        if (known_) {
            append_integer(block, kIndexed, 7, kFirstDynamic + headers_.size() - 1 - i);
        } else {
            block += static_cast<char>(kLiteralIndexed);
            append_text(block, headers_[i].first);
            append_text(block, headers_[i].second);
        }
    }
    known_ = true;
    append_frame(out, kHeaders, kEndHeaders, stream, block);
    append_frame(out, kData, kEndStream, stream, message_);
}

void Frames::append_window(std::string& out, std::uint32_t bytes) {
    std::string payload;
    append_number(payload, bytes, 4);
    append_frame(out, kWindowUpdate, 0, 0, payload);
}

void Frames::append_frame(std::string& out, std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                          std::string_view payload) {
    append_number(out, static_cast<std::uint32_t>(payload.size()), 3);
    out += static_cast<char>(type);
    out += static_cast<char>(flags);
    append_number(out, stream, 4);
    out += payload;
}

}  // namespace nexpo::bench

// SPDX-License-Identifier: Apache-2.0
#include "http/web_socket.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <utility>

namespace nexpo::http_host {

namespace {

enum Opcode : std::uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::size_t kMostControl = 125;
constexpr std::size_t kKeyLength = 24;

std::uint8_t byte(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

/// RFC 3629.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        auto const lead = byte(text, i);
        std::size_t const length = lead < 0x80   ? 1
                                   : lead < 0xc2 ? 0
                                   : lead < 0xe0 ? 2
                                   : lead < 0xf0 ? 3
                                   : lead < 0xf5 ? 4
                                                 : 0;
        if (length == 0 || text.size() - i < length) return false;
        for (std::size_t j = 1; j < length; ++j) {
            if ((byte(text, i + j) & 0xc0U) != 0x80) return false;
        }
        auto const second = length > 1 ? byte(text, i + 1) : std::uint8_t{0};
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) ||
            (lead == 0xf4 && second > 0x8f)) {
            return false;
        }
        i += length;
    }
    return true;
}

/// RFC 6455 section 7.4.2, with the codes that were registered since.
bool may_be_sent(unsigned code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
    out += static_cast<char>(kFinal | opcode);
    auto const size = payload.size();
    if (size <= kMostControl) {
        out += static_cast<char>(size);
    } else {
        bool const is_short = size <= 0xffff;
        out += static_cast<char>(is_short ? 126 : 127);
        for (int shift = is_short ? 8 : 56; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xffU);
    }
    out.append(payload);
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, lower, lower);
}

/// Whether a list with commas has a word, in whatever case.
bool names(std::string const* list, std::string_view word) {
    if (list == nullptr) return false;
    std::string_view rest = *list;
    while (true) {
        auto const comma = rest.find(',');
        auto item = rest.substr(0, comma);
        while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
        while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
        if (same_word(item, word)) return true;
        if (comma == rest.npos) return false;
        rest.remove_prefix(comma + 1);
    }
}

/// 16 bytes in base64.
bool is_key(std::string const* key) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return key != nullptr && key->size() == kKeyLength && key->ends_with("==") &&
           key->find_first_not_of(kAlphabet) == kKeyLength - 2;
}

std::string base64(std::span<unsigned char const> bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    auto const length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

}  // namespace

struct SocketReader::Frame {
    std::uint8_t opcode;
    bool is_final;
    std::string payload;
};

std::optional<SocketMessage> SocketReader::fail(CloseCode code) {
    fault_ = code;
    return std::nullopt;
}

std::optional<SocketMessage> SocketReader::read(std::string_view& input) {
    while (fault_ == CloseCode::none) {
        auto frame = take_frame(input);
        if (!frame) return std::nullopt;
        bool const is_control = frame->opcode >= kClose;
        auto message = is_control ? take_control(std::move(*frame)) : take_data(std::move(*frame));
        if (message) return message;
    }
    return std::nullopt;
}

std::optional<SocketReader::Frame> SocketReader::take_frame(std::string_view& input) {
    if (input.size() < 2) return std::nullopt;
    auto const first = byte(input, 0);
    auto const second = byte(input, 1);
    auto const opcode = static_cast<std::uint8_t>(first & 0x0fU);
    bool const is_control = opcode >= kClose;
    bool const is_known = opcode <= kBinary || (is_control && opcode <= kPong);
    auto const given = static_cast<std::size_t>(second & 0x7fU);
    bool const is_sound = is_known && (first & 0x70U) == 0 && (second & kMasked) != 0 &&
                          (!is_control || ((first & kFinal) != 0 && given <= kMostControl));
    if (!is_sound) return fail(CloseCode::protocol_error), std::nullopt;

    std::size_t const length_bytes = given == 127 ? 8 : given == 126 ? 2 : 0;
    std::size_t const header = 2 + length_bytes + 4;
    if (input.size() < header) return std::nullopt;
    std::uint64_t length = length_bytes == 0 ? given : 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8U | byte(input, 2 + i);
    // Section 5.2: the shortest form, without the highest bit.
    bool const is_shortest = length_bytes == 0 || length > (length_bytes == 2 ? kMostControl : std::size_t{0xffff});
    if (!is_shortest || length >> 63U != 0) return fail(CloseCode::protocol_error), std::nullopt;
    if (length + text_.size() > most_bytes_ && !is_control) return fail(CloseCode::too_big), std::nullopt;
    if (input.size() - header < length) return std::nullopt;

    auto const mask = input.substr(header - 4, 4);
    Frame frame{opcode, (first & kFinal) != 0, std::string(input.substr(header, static_cast<std::size_t>(length)))};
    for (std::size_t i = 0; i < frame.payload.size(); ++i) {
        frame.payload[i] = static_cast<char>(byte(frame.payload, i) ^ byte(mask, i % 4));
    }
    input.remove_prefix(header + static_cast<std::size_t>(length));
    return frame;
}

std::optional<SocketMessage> SocketReader::take_data(Frame frame) {
    if (frame.opcode == kBinary) return fail(CloseCode::unsupported_data);
    // Section 5.4: a message is begun by its opcode and continued without one.
    if ((frame.opcode == kContinuation) != in_message_) return fail(CloseCode::protocol_error);
    text_ += frame.payload;
    in_message_ = !frame.is_final;
    if (in_message_) return std::nullopt;
    SocketMessage message{.kind = SocketMessage::Kind::text, .payload = std::exchange(text_, {})};
    if (!is_utf8(message.payload)) return fail(CloseCode::invalid_text);
    return message;
}

std::optional<SocketMessage> SocketReader::take_control(Frame frame) {
    if (frame.opcode == kPing) return SocketMessage{SocketMessage::Kind::ping, std::move(frame.payload)};
    if (frame.opcode == kPong) return SocketMessage{SocketMessage::Kind::pong, std::move(frame.payload)};
    SocketMessage close{.kind = SocketMessage::Kind::close};
    if (frame.payload.empty()) return close;
    if (frame.payload.size() == 1) return fail(CloseCode::protocol_error);
    auto const code = static_cast<unsigned>(byte(frame.payload, 0)) << 8U | byte(frame.payload, 1);
    if (!may_be_sent(code)) return fail(CloseCode::protocol_error);
    if (!is_utf8(std::string_view(frame.payload).substr(2))) return fail(CloseCode::invalid_text);
    close.code = static_cast<CloseCode>(code);
    return close;
}

void append_text_frame(std::string& out, std::string_view text) {
    append_frame(out, kText, text);
}

void append_ping_frame(std::string& out) {
    append_frame(out, kPing, {});
}

void append_pong_frame(std::string& out, std::string_view payload) {
    append_frame(out, kPong, payload);
}

void append_close_frame(std::string& out, int code, std::string_view reason) {
    std::string payload;
    payload += static_cast<char>(code >> 8 & 0xff);
    payload += static_cast<char>(code & 0xff);
    payload.append(reason.substr(0, kMostControl - 2));
    append_frame(out, kClose, payload);
}

bool asks_for_web_socket(Request const& request) {
    return request.method == "GET" && names(request.header("Upgrade"), "websocket") &&
           names(request.header("Connection"), "upgrade");
}

int web_socket_refusal(Request const& request) {
    auto const* version = request.header("Sec-WebSocket-Version");
    if (version == nullptr || *version != "13") return 426;
    return is_key(request.header("Sec-WebSocket-Key")) && request.body.empty() ? 0 : 400;
}

std::string web_socket_accept(std::string_view key) {
    auto const text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    // No secret: it only shows that the server has understood the request.
    if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr) != 1) {
        throw std::runtime_error("SHA-1 is not available");
    }
    return base64(std::span(digest).first(length));
}

}  // namespace nexpo::http_host

// SPDX-License-Identifier: Apache-2.0
#include "http/web_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nexpo::http_host {
namespace {

using Kind = SocketMessage::Kind;
using ::testing::ElementsAre;

constexpr std::size_t kMost = 1'000;

/// A frame of a client. The mask is one that changes every byte.
std::string frame(unsigned char first, std::string payload, int length_bytes = -1) {
    std::string out(1, static_cast<char>(first));
    auto const size = payload.size();
    if (length_bytes < 0) length_bytes = size > 0xffff ? 8 : size > 125 ? 2 : 0;
    out += static_cast<char>(0x80U | (length_bytes == 8 ? 127U : length_bytes == 2 ? 126U : size));
    for (int i = length_bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xffU);
    constexpr std::string_view kMask = "\x11\x22\x44\x88";
    out += kMask;
    for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(payload[i] ^ kMask[i % 4]);
    return out;
}

struct Heard {
    std::vector<SocketMessage> messages;
    CloseCode fault = CloseCode::none;
    std::size_t left = 0;
};

/// What a reader makes of bytes that come in pieces of this size.
Heard hear(std::string const& bytes, std::size_t piece) {
    SocketReader reader(kMost);
    Heard heard;
    std::string buffer;
    for (std::size_t at = 0; at < bytes.size() && heard.fault == CloseCode::none; at += piece) {
        buffer += bytes.substr(at, piece);
        std::string_view input = buffer;
        while (auto message = reader.read(input)) heard.messages.push_back(std::move(*message));
        buffer = std::string(input);
        heard.fault = reader.fault();
    }
    heard.left = buffer.size();
    return heard;
}

std::vector<std::string> texts(Heard const& heard) {
    std::vector<std::string> all;
    for (auto const& message : heard.messages) all.push_back(message.payload);
    return all;
}

TEST(WebSocket, TakesMessagesHoweverTheyArrive) {
    auto const bytes = frame(0x81, "hello") + frame(0x89, "are you there?") + frame(0x01, "wo") + frame(0x8a, "") +
                       frame(0x00, "r") + frame(0x80, "ld") + frame(0x81, std::string(500, 'x')) + frame(0x81, "") +
                       frame(0x81, "\xc3\xa4\xf0\x9f\x98\x80");
    for (std::size_t const piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()}) {
        auto const heard = hear(bytes, piece);
        EXPECT_EQ(heard.fault, CloseCode::none);
        EXPECT_EQ(heard.left, 0U);
        EXPECT_THAT(texts(heard), ElementsAre("hello", "are you there?", "", "world", std::string(500, 'x'), "",
                                              "\xc3\xa4\xf0\x9f\x98\x80"));
    }
}

TEST(WebSocket, TakesTheEndWithItsCode) {
    auto const normal = hear(frame(0x88, std::string("\x03\xe8") + "bye"), 1);
    ASSERT_EQ(normal.messages.size(), 1U);
    EXPECT_EQ(normal.messages[0].kind, Kind::close);
    EXPECT_EQ(normal.messages[0].code, CloseCode::normal);
    EXPECT_EQ(hear(frame(0x88, ""), 1).messages[0].code, CloseCode::normal);
    EXPECT_EQ(static_cast<int>(hear(frame(0x88, "\x0f\xa0"), 1).messages[0].code), 4000);
}

TEST(WebSocket, RefusesWhatTheProtocolForbids) {
    auto unmasked = frame(0x81, "x");
    unmasked[1] = static_cast<char>(unmasked[1] & 0x7f);
    auto huge = frame(0x81, "x", 8);
    huge[2] = '\x80';
    struct Case {
        char const* what;
        std::string bytes;
        CloseCode fault;
    };
    Case const cases[] = {
        {"without a mask", unmasked, CloseCode::protocol_error},
        {"a reserved bit", frame(0xc1, "x"), CloseCode::protocol_error},
        {"an unknown opcode", frame(0x83, "x"), CloseCode::protocol_error},
        {"an unknown control opcode", frame(0x8b, "x"), CloseCode::protocol_error},
        {"a ping in pieces", frame(0x09, "x"), CloseCode::protocol_error},
        {"a long ping", frame(0x89, std::string(126, 'x')), CloseCode::protocol_error},
        {"the end of nothing", frame(0x80, "x"), CloseCode::protocol_error},
        {"a message within another", frame(0x01, "x") + frame(0x81, "y"), CloseCode::protocol_error},
        {"a length in two bytes that fits in one", frame(0x81, "x", 2), CloseCode::protocol_error},
        {"a length in eight bytes that fits in two", frame(0x81, std::string(300, 'x'), 8), CloseCode::protocol_error},
        {"a length with its highest bit", huge, CloseCode::protocol_error},
        {"binary", frame(0x82, "x"), CloseCode::unsupported_data},
        {"too long", frame(0x81, std::string(kMost + 1, 'x')), CloseCode::too_big},
        {"too long together", frame(0x01, std::string(kMost, 'x')) + frame(0x80, "x"), CloseCode::too_big},
        {"no UTF-8", frame(0x81, "\xff"), CloseCode::invalid_text},
        {"UTF-8 cut off", frame(0x81, "\xc3"), CloseCode::invalid_text},
        {"an overlong form", frame(0x81, "\xc0\x80"), CloseCode::invalid_text},
        {"an overlong form of three", frame(0x81, "\xe0\x80\x80"), CloseCode::invalid_text},
        {"a surrogate", frame(0x81, "\xed\xa0\x80"), CloseCode::invalid_text},
        {"beyond Unicode", frame(0x81, "\xf4\x90\x80\x80"), CloseCode::invalid_text},
        {"half a code", frame(0x88, "\x03"), CloseCode::protocol_error},
        {"a code that nobody sends", frame(0x88, "\x03\xed"), CloseCode::protocol_error},
        {"a code out of range", frame(0x88, "\x13\x88"), CloseCode::protocol_error},
        {"a reason that is no UTF-8", frame(0x88, "\x03\xe8\xff"), CloseCode::invalid_text},
    };
    for (auto const& [what, bytes, fault] : cases) {
        for (std::size_t const piece : {std::size_t{1}, bytes.size()}) {
            auto const heard = hear(bytes, piece);
            EXPECT_EQ(heard.fault, fault) << what;
            EXPECT_TRUE(heard.messages.empty()) << what;
        }
    }
}

TEST(WebSocket, RefusesALongMessageAtItsLength) {
    auto const bytes = frame(0x81, std::string(100'000, 'x')).substr(0, 14);
    EXPECT_EQ(hear(bytes, 1).fault, CloseCode::too_big);
}

TEST(WebSocket, WritesFrames) {
    std::string out;
    append_text_frame(out, "hi");
    append_ping_frame(out);
    append_pong_frame(out, "x");
    EXPECT_EQ(out, std::string("\x81\x02hi\x89\x00\x8a\x01x", 9));
    out.clear();
    append_text_frame(out, std::string(126, 'x'));
    EXPECT_EQ(out.substr(0, 4), std::string("\x81\x7e\x00\x7e", 4));
    out.clear();
    append_text_frame(out, std::string(70'000, 'x'));
    EXPECT_EQ(out.substr(0, 10), std::string("\x81\x7f\x00\x00\x00\x00\x00\x01\x11\x70", 10));
    out.clear();
    append_close_frame(out, 4401, std::string(200, 'r'));
    EXPECT_EQ(out.substr(0, 4), "\x88\x7d\x11\x31");
    EXPECT_EQ(out.size(), 127U);
}

TEST(WebSocket, IsAskedForInOneWay) {
    auto const request = [](std::vector<Header> headers) {
        return Request{.method = "GET", .target = "/", .headers = std::move(headers)};
    };
    Header const upgrade{"Upgrade", "WebSocket"};
    Header const connection{"connection", "keep-alive, Upgrade"};
    Header const version{"Sec-WebSocket-Version", "13"};
    Header const key{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="};
    EXPECT_TRUE(asks_for_web_socket(request({upgrade, connection})));
    EXPECT_FALSE(asks_for_web_socket(request({upgrade})));
    EXPECT_FALSE(asks_for_web_socket(request({connection, {"Upgrade", "h2c"}})));
    auto post = request({upgrade, connection});
    post.method = "POST";
    EXPECT_FALSE(asks_for_web_socket(post));
    EXPECT_EQ(web_socket_refusal(request({upgrade, connection, version, key})), 0);
    EXPECT_EQ(web_socket_refusal(request({upgrade, connection, key})), 426);
    EXPECT_EQ(web_socket_refusal(request({upgrade, connection, {"Sec-WebSocket-Version", "8"}, key})), 426);
    EXPECT_EQ(web_socket_refusal(request({upgrade, connection, version})), 400);
    EXPECT_EQ(web_socket_refusal(request({upgrade, connection, version, {"Sec-WebSocket-Key", "short"}})), 400);
    // The example of RFC 6455 section 1.3.
    EXPECT_EQ(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace nexpo::http_host

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nexpo/gateway.hpp"

namespace nexpo::http_host {

/// Codes with which a WebSocket ends (RFC 6455 section 7.4.1).
enum class CloseCode : std::uint16_t {
    none = 0,
    normal = 1000,
    protocol_error = 1002,
    unsupported_data = 1003,
    invalid_text = 1007,
    policy_violation = 1008,
    too_big = 1009,
};

/// What a client has said.
struct SocketMessage {
    enum class Kind : std::uint8_t { text, ping, pong, close };

    Kind kind = Kind::text;
    std::string payload{};               ///< The text, or what is to be said back to a ping.
    CloseCode code = CloseCode::normal;  ///< What to answer a close with.
};

/// Takes messages from the frames of a client, a piece at a time as they arrive (RFC 6455 section 5). No extension is
/// agreed on, and clients send text only.
class SocketReader {
 public:
    explicit SocketReader(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    /// Takes what it can from the front of `input`, up to the next message. Nothing, and no fault: more is needed.
    std::optional<SocketMessage> read(std::string_view& input);
    /// Other than none: the client has broken a rule, and the connection has to end with this.
    CloseCode fault() const noexcept { return fault_; }
    /// The largest frame that may have to be held.
    std::size_t most_bytes() const noexcept { return most_bytes_ + kMostHeader; }

 private:
    static constexpr std::size_t kMostHeader = 14;

    struct Frame;

    std::optional<Frame> take_frame(std::string_view& input);
    std::optional<SocketMessage> take_data(Frame frame);
    std::optional<SocketMessage> take_control(Frame frame);
    std::optional<SocketMessage> fail(CloseCode code);

    std::size_t most_bytes_;
    std::string text_{};
    bool in_message_ = false;
    CloseCode fault_ = CloseCode::none;
};

/// Frames of the server, which are not masked.
void append_text_frame(std::string& out, std::string_view text);
void append_ping_frame(std::string& out);
void append_pong_frame(std::string& out, std::string_view payload);
/// The reason is cut to the 123 bytes that it may have.
void append_close_frame(std::string& out, int code, std::string_view reason);

/// Whether a request asks for a WebSocket (section 4.2.1).
bool asks_for_web_socket(Request const& request);
/// What stands in the way of one: a status and a reason; 0 when nothing does.
int web_socket_refusal(Request const& request);
/// `Sec-WebSocket-Accept` for a key (section 4.2.2).
std::string web_socket_accept(std::string_view key);

}  // namespace nexpo::http_host

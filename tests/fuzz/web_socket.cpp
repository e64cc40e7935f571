// SPDX-License-Identifier: Apache-2.0
// Frames of a WebSocket client: however the bytes are cut, the same messages are read, and none breaks the limits.
#include "http/web_socket.hpp"

#include <vector>

#include "fuzz/fuzz.hpp"
#include "nexpo/json.hpp"

namespace nexpo::fuzz {
namespace {

using http_host::CloseCode;
using http_host::SocketMessage;
using http_host::SocketReader;

constexpr std::size_t kMost = 300;

struct Heard {
    std::vector<SocketMessage> messages{};
    CloseCode fault = CloseCode::none;
};

/// Reads the bytes in pieces whose sizes `next` gives.
template <class Next>
Heard hear(std::string_view bytes, Next const& next) {
    SocketReader reader(kMost);
    Heard heard;
    std::string held;
    while (!bytes.empty() && heard.fault == CloseCode::none) {
        auto const piece = bytes.substr(0, next());
        held += piece;
        bytes.remove_prefix(piece.size());
        std::string_view input = held;
        while (auto message = reader.read(input)) heard.messages.push_back(std::move(*message));
        held = std::string(input);
        heard.fault = reader.fault();
        require(heard.fault != CloseCode::none || held.size() < reader.most_bytes(), "little is held", held);
    }
    return heard;
}

void same(Heard const& whole, Heard const& cut, std::string_view input) {
    require(whole.fault == cut.fault, "the fault does not depend on the pieces", input);
    require(whole.messages.size() == cut.messages.size(), "the same messages", input);
    for (std::size_t i = 0; i < whole.messages.size(); ++i) {
        auto const& one = whole.messages[i];
        auto const& other = cut.messages[i];
        require(one.kind == other.kind && one.payload == other.payload && one.code == other.code, "the same message",
                input);
    }
}

bool is_utf8(std::string const& text) {
    // What the library prints of text that is none is not the text.
    auto const read = Json::parse(Json(text).dump());
    return read && *read == Json(text);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(web_socket) {
    using namespace nexpo::fuzz;
    auto const whole = hear(input, [&] { return input.size(); });
    same(whole, hear(input, [] { return std::size_t{1}; }), input);
    Choices choices(input);
    same(whole, hear(input, [&] { return 1 + choices.below(7); }), input);
    for (auto const& message : whole.messages) {
        require(message.payload.size() <= kMost, "no message is longer than the limit", input);
        bool const is_text =
            message.kind == SocketMessage::Kind::text && message.payload.find('\0') == std::string::npos;
        if (is_text) require(is_utf8(message.payload), "text is UTF-8", input);
    }
}

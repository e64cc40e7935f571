// SPDX-License-Identifier: Apache-2.0
#include "gateway/event_stream.hpp"

#include <exception>
#include <utility>

#include "gateway/problem.hpp"

namespace nexpo::gateway {

namespace {

/// A piece ends with the event that reaches this length.
constexpr std::size_t kPiece = 16'384;

/// Tells a client how long to wait before it comes back.
void append_retry(std::string& out, std::uint64_t milliseconds) {
    out.append("retry: ").append(std::to_string(milliseconds)).append("\n\n");
}

/// JSON has no line breaks, and neither ids nor names of events do.
void append_event(std::string& out, work::LiveEvent const& event) {
    out.append("id: ").append(event.event().id).append("\nevent: ").append(event.name());
    out.append("\ndata: ").append(event.json()).append("\n\n");
}

}  // namespace

EventStream::EventStream(std::shared_ptr<void> backend, std::shared_ptr<work::OpenFeed> feed, telemetry::Gauge& gauge,
                         bool may_block, std::uint64_t retry_ms, std::string request_id)
    : backend_(std::move(backend)),
      counted_(gauge),
      feed_(std::move(feed)),
      may_block_(may_block),
      retry_ms_(retry_ms),
      request_id_(std::move(request_id)) {}

BodyPiece EventStream::next() try {
    BodyPiece piece;
    // At once, so that proxies and browsers see that the stream is open.
    if (!std::exchange(begun_, true)) append_retry(piece.bytes, retry_ms_);
    if (finishing_) {
        piece.last = true;
        return piece;
    }
    while (piece.bytes.size() < kPiece) {
        auto const pulled = (*feed_)->pull();
        if (!pulled) {
            auto const& error = pulled.error();
            piece.bytes.append("event: stream.ended\ndata: ");
            piece.bytes.append(problem_json(http_status(error, false), error, request_id_)).append("\n\n");
            piece.last = true;
            return piece;
        }
        if (!*pulled) break;
        append_event(piece.bytes, **pulled);
    }
    return piece;
} catch (std::exception const&) {  // no memory: the client comes back and goes on behind the last event that it has
    return {.bytes = {}, .last = true};
}

void EventStream::on_ready(std::function<void()> function) {
    (*feed_)->on_ready(std::move(function));
}

std::string EventStream::heartbeat() const {
    return ":\n\n";
}

void EventStream::finish() {
    finishing_ = true;
}

}  // namespace nexpo::gateway

// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief The backend as HTTP messages, whatever server carries them.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"

namespace nexpo::inline v1 {

/// One header line.
struct Header {
    std::string name{};   ///< Compared without case.
    std::string value{};  ///< Without surrounding spaces.
};

/// An HTTP request after framing.
struct Request {
    std::string method{};           ///< In upper case.
    std::string target{};           ///< Path and query as received, at most 8 KiB, for example `/users?limit=10`.
    std::vector<Header> headers{};  ///< In the order received.
    std::string body{};             ///< The whole body, at most `GatewayConfig::body_bytes`.
    std::string peer{};             ///< The client's IP address, for limits; empty when unknown.
    bool secure = false;            ///< The request came over TLS.
    std::stop_token stop{};         ///< Requested when the client has gone.

    /// The first header of this name (compared without case), or nullptr.
    NEXPO_API std::string const* header(std::string_view name) const noexcept;
};

/// What a body that goes on has to say now.
struct BodyPiece {
    std::string bytes{};  ///< Empty: nothing now, see `BodySource::on_ready`.
    bool last = false;    ///< Nothing comes after it.
};

/// A body that is sent as it comes, such as a stream of events. The server pulls a piece, sends it, and pulls the next
/// one only when the client has taken it, so that a slow client costs no memory. Used by one thread at a time.
/// Destroying it ends what it is made of.
class NEXPO_API BodySource {
 public:
    BodySource();
    virtual ~BodySource();
    BodySource(BodySource const&) = delete;
    BodySource& operator=(BodySource const&) = delete;

    /// The next piece. Never throws.
    virtual BodyPiece next() = 0;
    /// Has `function` called, from any library thread, when `next` has something to say again after it had nothing; at
    /// once if that is so already. It must be quick and must not use the source.
    virtual void on_ready(std::function<void()> function) = 0;
    /// What may be sent when there is nothing to say, so that everybody on the way sees that the connection lives.
    virtual std::string heartbeat() const = 0;
    /// The server will end: `next` says what is left to say.
    virtual void finish() = 0;
    /// True when `next` may wait for more than the embedded database: call it from a thread that may block.
    virtual bool may_block() const noexcept = 0;
};

/// What a channel has to say now.
struct ChannelOutput {
    std::vector<std::string> messages{};  ///< Each is JSON. Empty: nothing now, see `Channel::on_ready`.
    int close = 0;         ///< Other than 0: the end behind the messages, with this code (RFC 6455 section 7.4).
    std::string reason{};  ///< Why it ends.
};

/// A conversation in messages, whatever carries them; on HTTP a WebSocket. What comes is pulled as from a `BodySource`.
/// Used by one thread at a time.
class NEXPO_API Channel {
 public:
    Channel();
    virtual ~Channel();
    Channel(Channel const&) = delete;
    Channel& operator=(Channel const&) = delete;

    /// Takes a message of the client; `next` has the answer. Never throws.
    virtual void receive(std::string message) = 0;
    /// What is to be sent. Never throws.
    virtual ChannelOutput next() = 0;
    /// Has `function` called, from any library thread, when `next` has something to say again after it had nothing; at
    /// once if that is so already. It must be quick and must not use the channel.
    virtual void on_ready(std::function<void()> function) = 0;
    /// The server will end: `next` says what is left to say.
    virtual void finish() = 0;
    /// True when `receive` and `next` may wait for more than the embedded database.
    virtual bool may_block() const noexcept = 0;
};

/// An HTTP response before framing. The server sends `headers` and `fixed_headers`, and adds `Content-Length`, `Date`
/// and `Connection`. An answer to HEAD, a 204 and a 304 come without body; the server must not claim a length for them.
struct Response {
    int status = 200;               ///< Status code.
    std::vector<Header> headers{};  ///< In order; what is this answer's own.
    std::string body{};             ///< The whole body.
    /// Instead of `body`: a body that goes on, of unknown length. Keep the response until it has ended.
    std::shared_ptr<BodySource> source{};
    /// Further header lines, which many answers share: each with its line end, ready to be sent as they are. Valid for
    /// ever.
    std::string_view fixed_headers{};

    /// The first header of this name (compared without case), fixed ones included. Points into the response.
    NEXPO_API std::optional<std::string_view> header(std::string_view name) const noexcept;
    /// All headers one by one, for servers that do not take lines.
    NEXPO_API std::vector<Header> all_headers() const;
};

/// Answers HTTP requests from the operation table. Cheap to copy and safe to share between threads.
class NEXPO_API Gateway {
 public:
    /// Answers one request. `done` is called exactly once, on the calling thread or on any library thread; it must not
    /// block, throw or own the backend's last handle. Never throws.
    void handle(Request request, std::function<void(Response)> done) const;
    /// Answers one request and waits for it.
    Response handle(Request request) const;
    /// True when answering may wait for more than the embedded database: call `handle` from a thread that may block.
    bool may_block(Request const& request) const;
    /// The most bytes that a body may have, see `GatewayConfig::body_bytes`; the server answers longer ones with 413.
    std::size_t body_limit() const noexcept;
    /// For a GET that asks for a WebSocket: the channel at its path, or null when there is none and the request is to
    /// be handled as if it had not asked. Looks at target, headers and peer. Does not wait and does not sign anybody
    /// in: the first message does. Never throws.
    std::shared_ptr<Channel> connect(Request request) const;
    /// Adds to an answer that the server gives itself, such as to a body that is too large, what `handle` adds to every
    /// answer: the security headers, and what lets the pages of allowed origins read it. Looks at `headers` and
    /// `secure` of the request, as far as it has arrived. Sets `fixed_headers`. Never throws.
    void complete(Request const& request, Response& response) const;

    /// Made by `Backend::gateway`.
    explicit Gateway(std::shared_ptr<BackendState> state) noexcept;

 private:
    std::shared_ptr<BackendState> state_;
};

}  // namespace nexpo::inline v1

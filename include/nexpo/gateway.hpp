// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief The backend as HTTP messages, whatever server carries them.

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

/// An HTTP response before framing. The server sends `headers` and `fixed_headers`, and adds `Content-Length`, `Date`
/// and `Connection`. An answer to HEAD, a 204 and a 304 come without body; the server must not claim a length for them.
struct Response {
    int status = 200;               ///< Status code.
    std::vector<Header> headers{};  ///< In order; what is this answer's own.
    std::string body{};             ///< The whole body.
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

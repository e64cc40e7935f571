// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief The backend as HTTP messages, whatever server carries them.

#include <functional>
#include <memory>
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
    std::string body{};             ///< The whole body, at most 8 MiB.
    std::string peer{};             ///< The client's IP address, for limits; empty when unknown.
    bool secure = false;            ///< The request came over TLS.
    std::stop_token stop{};         ///< Requested when the client has gone.

    /// The first header of this name (compared without case), or nullptr.
    NEXPO_API std::string const* header(std::string_view name) const noexcept;
};

/// An HTTP response before framing; the server adds `Content-Length`, `Date` and `Connection`. An answer to HEAD, a 204
/// and a 304 come without body; the server must not claim a length for them.
struct Response {
    int status = 200;               ///< Status code.
    std::vector<Header> headers{};  ///< In order.
    std::string body{};             ///< The whole body.

    /// The first header of this name (compared without case), or nullptr.
    NEXPO_API std::string const* header(std::string_view name) const noexcept;
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

    /// Made by `Backend::gateway`.
    explicit Gateway(std::shared_ptr<BackendState> state) noexcept;

 private:
    std::shared_ptr<BackendState> state_;
};

}  // namespace nexpo::inline v1

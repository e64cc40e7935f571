// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nexpo/result.hpp"

namespace nexpo::http_host {

/// A socket that listens. Connections that come in before anybody accepts them wait.
class ListenSocket {
 public:
    /// Errors: invalid_argument (no such address), unavailable (the port is taken, and so on).
    static Result<ListenSocket> open(std::string const& address, std::uint16_t port);

    ListenSocket(ListenSocket&& other) noexcept;
    ListenSocket& operator=(ListenSocket&&) = delete;
    ~ListenSocket();

    /// Has the system end connections whose client has vanished without a word: while data waits for its receipt this
    /// long, or after a minute or so of silence.
    void detect_lost_clients(std::int64_t seconds);
    /// Gives the descriptor away.
    int release();
    bool is_v6() const { return is_v6_; }
    /// Where a client on this machine finds it: `http://127.0.0.1:8080`.
    std::string url(std::string_view scheme) const;

 private:
    ListenSocket(int descriptor, std::string address, bool is_v6, std::uint16_t port);

    int descriptor_;
    std::string address_;
    bool is_v6_;
    std::uint16_t port_;
};

/// Makes the system ignore new connections on a listening socket, while those whose handshake has begun still arrive.
/// False when it cannot.
bool ignore_new_connections(int descriptor);

}  // namespace nexpo::http_host

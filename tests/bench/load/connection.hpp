// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "load/response_reader.hpp"

namespace nexpo::bench {

using Clock = std::chrono::steady_clock;

/// One connection with at most one request on its way.
class Connection {
 public:
    explicit Connection(std::uint16_t port);
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;
    ~Connection();

    int descriptor() const noexcept { return descriptor_; }
    Clock::time_point due() const noexcept { return due_; }

    /// Sends a request that was due at `due`; requests are small enough that the socket takes them at once.
    void send(std::string_view request, Clock::time_point due);
    /// Takes what has arrived; the response when it is complete.
    std::optional<ResponseSpan> receive();

 private:
    int descriptor_;
    std::string buffer_ = std::string(16'384, '\0');
    std::size_t filled_ = 0;
    Clock::time_point due_{};
};

}  // namespace nexpo::bench

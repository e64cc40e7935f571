// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "drivers/queue/queue_settings.hpp"

namespace nexpo::drivers {

/// When a wait ends at the latest. Not the injected clock's time: the kernel waits by its own.
using Deadline = std::chrono::steady_clock::time_point;

/// A connection by TCP, with TLS where asked for. Every wait ends at its deadline or when stop is requested. Not
/// thread-safe. After an error it is of no further use.
class RedisSocket {
 public:
    /// Connects to the first address of the host that answers.
    static Result<std::unique_ptr<RedisSocket>> connect(QueueSettings const& settings, std::uint16_t port, bool secure,
                                                        Deadline deadline);
    virtual ~RedisSocket() = default;
    RedisSocket(RedisSocket const&) = delete;
    RedisSocket& operator=(RedisSocket const&) = delete;

    virtual Result<void> write(std::string_view bytes, Deadline deadline) = 0;
    /// Reads what is there, at least one byte, into `to`. Errors: also `cancelled` and deadline_exceeded.
    virtual Result<std::size_t> read(char* to, std::size_t size, Deadline deadline, std::stop_token stop) = 0;

 protected:
    RedisSocket() = default;
};

}  // namespace nexpo::drivers

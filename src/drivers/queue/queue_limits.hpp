// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

#include "nexpo/plugin/queue.hpp"

namespace nexpo::drivers {

/// Every driver takes bodies of this length, so that any queue can stand for any other.
inline constexpr std::size_t kMaxQueueBody = 64U << 10;
/// At a time, where the service gives as many as it is asked for.
inline constexpr std::size_t kMaxQueueReceive = 100;

/// What NATS and RabbitMQ can, with what the drivers add to them.
inline QueueLimits broker_limits(std::chrono::seconds lease) noexcept {
    return {.max_body_bytes = kMaxQueueBody,
            .max_receive = kMaxQueueReceive,
            .max_delay = std::chrono::hours(12),
            .lease = lease};
}

}  // namespace nexpo::drivers

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "drivers/queue/queue_settings.hpp"
#include "nexpo/plugin/queue.hpp"

namespace nexpo::drivers {

// What each vendor's file offers, whether it is compiled or not.

/// Redis 6.2 or newer: https://redis.io/docs/latest/develop/data-types/streams/
Result<std::shared_ptr<Queue>> open_redis_queue(QueueSettings settings);

}  // namespace nexpo::drivers

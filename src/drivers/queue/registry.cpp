// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/registry.hpp"

#include <array>
#include <string>

#include "drivers/queue/drivers.hpp"

namespace nexpo::drivers {

namespace {

struct QueueDriver {
    std::string_view scheme;
    Result<std::shared_ptr<Queue>> (*open)(QueueSettings settings);
};

// One line for each scheme.
constexpr QueueDriver kDrivers[] = {
#ifdef NEXPO_WITH_REDIS
    {"redis", open_redis_queue},
    {"rediss", open_redis_queue},
#endif
#ifdef NEXPO_WITH_NATS
    {"nats", open_nats_queue},
    {"nats+tls", open_nats_queue},
#endif
#ifdef NEXPO_WITH_AMQP
    {"amqp", open_amqp_queue},
    {"amqps", open_amqp_queue},
#endif
#ifdef NEXPO_WITH_HTTP
    {"pubsub", open_pubsub_queue},
    {"pubsub+http", open_pubsub_queue},
    {"servicebus", open_servicebus_queue},
    {"servicebus+http", open_servicebus_queue},
    {"sqs", open_sqs_queue},
    {"sqs+http", open_sqs_queue},
#endif
    {"", nullptr},
};

}  // namespace

Result<std::shared_ptr<Queue>> open_queue(std::string_view url, QueueContext const& context) {
    auto settings = parse_queue_url(url);
    if (!settings) return settings.error();
    if (context.clock) settings->clock = context.clock;
    if (context.random) settings->random = context.random;
    settings->http = context.http;
    settings->aws_credentials = context.aws_credentials;
    std::string known;
    for (auto const& driver : kDrivers) {
        if (driver.open == nullptr) continue;
        if (driver.scheme == settings->scheme) return driver.open(std::move(*settings));
        known.append(known.empty() ? "" : ", ").append(driver.scheme);
    }
    return queue_url_invalid("there is no driver for its scheme; there are: " + (known.empty() ? "none" : known));
}

}  // namespace nexpo::drivers

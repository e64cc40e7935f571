// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "drivers/queue/queue_settings.hpp"
#include "nexpo/plugin/queue.hpp"

namespace nexpo::drivers {

// What each vendor's file offers, whether it is compiled or not.

/// Redis 6.2 or newer: https://redis.io/docs/latest/develop/data-types/streams/
Result<std::shared_ptr<Queue>> open_redis_queue(QueueSettings settings);
/// NATS JetStream 2.7 or newer: https://docs.nats.io/nats-concepts/jetstream
Result<std::shared_ptr<Queue>> open_nats_queue(QueueSettings settings);
/// RabbitMQ 3.10 or newer over AMQP 0-9-1: https://www.rabbitmq.com/docs/quorum-queues
Result<std::shared_ptr<Queue>> open_amqp_queue(QueueSettings settings);
/// Amazon SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
Result<std::shared_ptr<Queue>> open_sqs_queue(QueueSettings settings);
/// Google Cloud Pub/Sub: https://cloud.google.com/pubsub/docs/reference/rest
Result<std::shared_ptr<Queue>> open_pubsub_queue(QueueSettings settings);
/// Azure Service Bus: https://learn.microsoft.com/rest/api/servicebus/service-bus-runtime-rest
Result<std::shared_ptr<Queue>> open_servicebus_queue(QueueSettings settings);

}  // namespace nexpo::drivers

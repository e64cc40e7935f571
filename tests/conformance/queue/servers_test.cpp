// SPDX-License-Identifier: Apache-2.0
// The suite on real servers, which CTest starts: NEXPO_TEST_QUEUES names the directory where they are.
#include <gtest/gtest.h>

#include "conformance/queue/servers.hpp"
#include "drivers/queue/registry.hpp"
#include "nexpo/testing/queue_conformance.hpp"
#include "support/tcp_proxy.hpp"

#ifdef NEXPO_WITH_HTTP
#include "conformance/queue/doubles.hpp"
#include "conformance/queue/moto.hpp"
#endif

namespace nexpo::inline v1::testing {

namespace {

constexpr std::int64_t kMaxDeliveries = 3;

QueueCase on_server(std::string const& scheme, std::string const& server, bool tells_lost_acknowledgements) {
    return {server, [=]() -> QueueUnderTest {
                auto const proxy = std::make_shared<TcpProxy>(port_of(server));
                auto const name = fresh_name();
                auto queue =
                    drivers::open_queue(scheme + "://127.0.0.1:" + std::to_string(proxy->port()) +
                                            "?lease=2&deliveries=" + std::to_string(kMaxDeliveries) + "&queue=" + name,
                                        {});
                return {.queue = queue.value(),
                        .max_deliveries = kMaxDeliveries,
                        .tells_lost_acknowledgements = tells_lost_acknowledgements,
                        .cut = [proxy](bool reachable) { proxy->cut(reachable); }};
            }};
}

#ifdef NEXPO_WITH_HTTP
/// A queue of SQS, with the settings that AWS has for it.
QueueCase on_sqs(std::string const& name, bool fifo) {
    return {name, [=]() -> QueueUnderTest {
                auto const port = port_of("moto");
                auto const proxy = std::make_shared<TcpProxy>(port);
                auto const queue_name = fresh_name();
                if (fifo) {
                    Moto(port).create(queue_name + ".fifo", {{"FifoQueue", "true"}});
                } else {
                    Moto(port).create_with_dead_letters(queue_name, kMaxDeliveries);
                }
                auto queue = drivers::open_queue("sqs+http://key:secret@127.0.0.1:" + std::to_string(proxy->port()) +
                                                     "/123456789012/" + queue_name + (fifo ? ".fifo" : "") +
                                                     "?lease=2&region=us-east-1",
                                                 {});
                return {.queue = queue.value(),
                        .max_deliveries = fifo ? 0 : kMaxDeliveries,
                        .cut = [proxy](bool reachable) { proxy->cut(reachable); }};
            }};
}

QueueCase on_pubsub(std::string const& name, std::string const& project, Json::Object settings,
                    std::string const& parameters) {
    return {name, [=]() -> QueueUnderTest {
                PubsubPlace const place(settings, project);
                auto const with = project == "emulator" ? "" : place.with_key();
                return {.queue = drivers::open_queue(place.url("lease=4&" + parameters + with), {}).value(),
                        .max_deliveries = PubsubPlace::kMaxDeliveries,
                        .cut = [proxy = place.server.proxy()](bool reachable) { proxy->cut(reachable); }};
            }};
}

QueueUnderTest on_service_bus() {
    ServiceBusPlace const place;
    return {.queue = drivers::open_queue(place.with_key(), {}).value(),
            .max_deliveries = ServiceBusPlace::kMaxDeliveries,
            .cut = [proxy = place.server.proxy()](bool reachable) { proxy->cut(reachable); }};
}
#endif

}  // namespace

#ifdef NEXPO_WITH_REDIS
INSTANTIATE_TEST_SUITE_P(Redis, QueueConformance, ::testing::Values(on_server("redis", "redis", true)));
#endif
#ifdef NEXPO_WITH_NATS
INSTANTIATE_TEST_SUITE_P(NATS, QueueConformance, ::testing::Values(on_server("nats", "nats", true)));
#endif
#ifdef NEXPO_WITH_AMQP
INSTANTIATE_TEST_SUITE_P(RabbitMQ, QueueConformance, ::testing::Values(on_server("amqp", "rabbitmq", true)));
#endif
#ifdef NEXPO_WITH_HTTP
INSTANTIATE_TEST_SUITE_P(SQS, QueueConformance, ::testing::Values(on_sqs("sqs", false), on_sqs("sqs_fifo", true)));
INSTANTIATE_TEST_SUITE_P(PubSub, QueueConformance,
                         ::testing::Values(on_pubsub("pubsub", "test", {}, ""),
                                           on_pubsub("exactly_once", "test", {{"enableExactlyOnceDelivery", true}}, ""),
                                           on_pubsub("ordered", "test", {{"enableMessageOrdering", true}},
                                                     "ordered=true&"),
                                           on_pubsub("emulator", "emulator", {}, "")));
INSTANTIATE_TEST_SUITE_P(ServiceBus, QueueConformance,
                         ::testing::Values(QueueCase{.name = "service_bus", .open = on_service_bus}));
#endif

}  // namespace nexpo::inline v1::testing

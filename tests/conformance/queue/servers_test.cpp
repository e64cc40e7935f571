// SPDX-License-Identifier: Apache-2.0
// The suite on real servers, which CTest starts: NEXPO_TEST_QUEUES names the directory where they are.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "drivers/queue/registry.hpp"
#include "nexpo/testing/queue_conformance.hpp"
#include "support/tcp_proxy.hpp"

#ifdef NEXPO_WITH_HTTP
#include "conformance/queue/moto.hpp"
#endif

namespace nexpo::inline v1::testing {

namespace {

constexpr std::int64_t kMaxDeliveries = 3;

/// The port of a server, 0 without one.
std::uint16_t port_of(std::string const& server) {
    auto const* directory = std::getenv("NEXPO_TEST_QUEUES");
    int port = 0;
    if (directory != nullptr) std::ifstream(std::string(directory) + server + "/port") >> port;
    return static_cast<std::uint16_t>(port);
}

QueueCase on_server(std::string const& scheme, std::string const& server, bool tells_lost_acknowledgements) {
    return {server, [=]() -> QueueUnderTest {
                static std::atomic<int> count = 0;
                auto const port = port_of(server);
                if (port == 0) throw std::runtime_error("there is no " + server + "; run the test with ctest");
                auto const proxy = std::make_shared<TcpProxy>(port);
                auto const name = "test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
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
                static std::atomic<int> count = 0;
                auto const port = port_of("moto");
                if (port == 0) throw std::runtime_error("there is no moto; run the test with ctest");
                auto const proxy = std::make_shared<TcpProxy>(port);
                auto const queue_name = "test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
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
#endif

}  // namespace nexpo::inline v1::testing

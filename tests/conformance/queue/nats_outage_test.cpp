// SPDX-License-Identifier: Apache-2.0
// A NATS server that stands still, which is one of this test's own.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iterator>
#include <vector>

#include "conformance/queue/free_port.hpp"
#include "drivers/queue/registry.hpp"
#include "support/child_process.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::inline v1::testing {

namespace {

using namespace std::chrono_literals;

struct NatsServer {
    explicit NatsServer(std::string const& port)
        : process([&] {
              execlp("nats-server", "nats-server", "--addr", "127.0.0.1", "--port", port.c_str(), "--jetstream",
                     "--store_dir", directory.path().c_str(), "--log", "/dev/null", static_cast<char*>(nullptr));
          }) {}
    ~NatsServer() { process.kill(); }
    NatsServer(NatsServer const&) = delete;
    NatsServer& operator=(NatsServer const&) = delete;

    TempDir directory;
    ChildProcess process;
};

TEST(NatsOutage, EndsAcknowledgementsInBoundedTimeHoweverManyThereAre) {
    constexpr std::size_t kMessages = 10;
    auto const port = free_port();
    NatsServer const server(port);
    auto const queue = drivers::open_queue("nats://127.0.0.1:" + port, {}).value();
    std::vector<QueueMessage> const messages(kMessages, {.body = "job"});
    auto const end = std::chrono::steady_clock::now() + 30s;
    while (!queue->send(messages).back()) ASSERT_LT(std::chrono::steady_clock::now(), end) << "the server is not there";
    std::vector<QueueDelivery> deliveries;
    while (deliveries.size() < kMessages) {
        auto received = queue->receive(kMessages - deliveries.size(), 10s, {});
        ASSERT_TRUE(received && !received->empty());
        std::ranges::move(*received, std::back_inserter(deliveries));
    }
    kill(server.process.id(), SIGSTOP);
    auto const begin = std::chrono::steady_clock::now();
    auto const results = queue->acknowledge(deliveries);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s) << "one time limit for all of them";
    ASSERT_EQ(results.size(), kMessages);
    for (auto const& result : results) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().reason, "queue_unavailable");
    }
    kill(server.process.id(), SIGCONT);
}

}  // namespace

}  // namespace nexpo::inline v1::testing

// SPDX-License-Identifier: Apache-2.0
// A NATS server that stands still, which is one of this test's own.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <iterator>
#include <string>
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

/// Has the server delete a stream, as an operator may.
void delete_stream(std::string const& port, std::string const& stream) {
    auto const client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    std::string const text =
        "CONNECT {\"verbose\":false}\r\nSUB answer 1\r\nPUB $JS.API.STREAM.DELETE." + stream + " answer 0\r\n\r\n";
    ASSERT_EQ(write(client, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    std::string answer;
    while (answer.find("MSG answer") == answer.npos) {
        std::array<char, 4096> bytes{};
        auto const count = read(client, bytes.data(), bytes.size());
        ASSERT_GT(count, 0) << answer;
        answer.append(bytes.data(), static_cast<std::size_t>(count));
    }
    close(client);
}

TEST(NatsOutage, MakesAStreamAnewThatSomebodyHasDeleted) {
    auto const port = free_port();
    NatsServer const server(port);
    auto const queue = drivers::open_queue("nats://127.0.0.1:" + port, {}).value();
    QueueMessage const message{.body = "job"};
    auto const works = [&] {
        if (!queue->send({&message, 1}).front()) return false;
        auto const received = queue->receive(1, 1s, {});
        return received && !received->empty() && queue->acknowledge(*received).front();
    };
    auto const works_in_time = [&] {
        auto const end = std::chrono::steady_clock::now() + 20s;
        bool done = works();
        while (!done && std::chrono::steady_clock::now() < end) done = works();
        return done;
    };
    ASSERT_TRUE(works_in_time());
    delete_stream(port, "nexpo_nexpo");
    EXPECT_TRUE(works_in_time()) << "for who sends";
    delete_stream(port, "nexpo_nexpo");
    EXPECT_FALSE(queue->receive(1, 1s, {}));
    EXPECT_TRUE(queue->receive(1, 1s, {})) << "for who receives";
}

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

// SPDX-License-Identifier: Apache-2.0
// What TLS must do, on the servers of servers_test.cpp.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "drivers/queue/registry.hpp"

namespace nexpo::drivers {

namespace {

/// `host` is what stands in the URL; the certificate is for 127.0.0.1 and localhost.
std::string url_of(std::string const& scheme, std::string const& server, std::string const& host,
                   std::string const& parameters) {
    auto const* servers = std::getenv("NEXPO_TEST_QUEUES");
    std::string const directory = std::string(servers != nullptr ? servers : "no ") + server;
    std::string port;
    std::ifstream(directory + "/tls_port") >> port;
    return scheme + "://" + host + ":" + port + "?queue=tls-" + std::to_string(getpid()) +
           (parameters == "ca" ? "&ca=" + directory + "/ca.pem" : parameters);
}

Result<void> send(std::string const& url) {
    auto const queue = open_queue(url, {});
    if (!queue) return queue.error();
    QueueMessage const message{.body = "job_1"};
    return (*queue)->send({&message, 1}).front();
}

void expect_tls(std::string const& scheme, std::string const& server) {
    for (std::string const host : {"127.0.0.1", "localhost"}) {
        auto const url = url_of(scheme, server, host, "ca");
        auto const sent = send(url);
        ASSERT_TRUE(sent) << url << ": " << sent.error().message;
        auto const queue = open_queue(url, {}).value();
        auto const received = queue->receive(1, std::chrono::seconds(20), {});
        ASSERT_TRUE(received) << received.error().message;
        ASSERT_EQ(received->size(), 1U);
        EXPECT_EQ(received->front().body, "job_1");
        EXPECT_TRUE(queue->acknowledge(*received).front());
    }
    EXPECT_FALSE(send(url_of(scheme, server, "127.0.0.1", ""))) << "a root that the system does not trust";
    EXPECT_FALSE(send(url_of(scheme, server, "127.0.0.2", "ca"))) << "a certificate for another host";
    EXPECT_FALSE(send(url_of(scheme, server, "127.0.0.1", "&ca=/nowhere.pem")));
}

}  // namespace

#ifdef NEXPO_WITH_REDIS
TEST(RedisTls, TrustsOnlyTheRightCertificate) {
    expect_tls("rediss", "redis");
}
#endif

#ifdef NEXPO_WITH_NATS
TEST(NatsTls, TrustsOnlyTheRightCertificate) {
    expect_tls("nats+tls", "nats_tls");
}
#endif

#ifdef NEXPO_WITH_AMQP
TEST(RabbitMqTls, TrustsOnlyTheRightCertificate) {
    expect_tls("amqps", "rabbitmq");
}
#endif

}  // namespace nexpo::drivers

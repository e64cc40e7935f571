// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/registry.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

namespace nexpo::drivers {

TEST(QueueRegistry, NamesTheSchemesThatThereAre) {
    auto const none = open_queue("carrier-pigeon://secret@roof", {});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Errc::invalid_argument);
    EXPECT_EQ(none.error().reason, "queue_url_invalid");
    EXPECT_EQ(none.error().message.find("secret"), std::string::npos);
#ifdef NEXPO_TEST_EVERY_QUEUE
    for (char const* scheme : {"redis", "rediss", "nats", "nats+tls", "amqp", "amqps", "sqs", "sqs+http", "pubsub",
                               "pubsub+http", "servicebus", "servicebus+http"}) {
        EXPECT_NE(none.error().message.find(scheme), std::string::npos) << scheme;
    }
#endif
}

#ifdef NEXPO_TEST_EVERY_QUEUE
TEST(QueueRegistry, OpensWithoutAskingAnybody) {
    for (std::string const scheme : {"redis", "rediss", "nats", "nats+tls", "amqp", "amqps"}) {
        auto const queue = open_queue(scheme + "://user:secret@127.0.0.1:1?lease=7", {});
        ASSERT_TRUE(queue) << scheme << ": " << queue.error().message;
        EXPECT_EQ((*queue)->limits().lease, std::chrono::seconds(7));
        EXPECT_FALSE(open_queue(scheme + "://?lease=7", {})) << "no host";
        EXPECT_FALSE(open_queue(scheme + "://127.0.0.1?leese=7", {})) << "a parameter that nobody knows";
    }
}

TEST(QueueRegistry, OpeningStartsNoThread) {
    auto const threads = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                             std::filesystem::directory_iterator());
    };
    auto const before = threads();
    for (char const* const url :
         {"redis://host", "amqp://host", "nats://host", "sqs://k:s@sqs.eu-west-1.amazonaws.com/1/q", "pubsub:///p/s",
          "servicebus://n:k@ns.servicebus.windows.net/q"}) {
        EXPECT_TRUE(open_queue(url, {})) << url;
        EXPECT_EQ(threads(), before) << url;
    }
}

TEST(QueueRegistry, AServiceThatIsNotThereIsUnavailable) {
    for (std::string const scheme : {"redis", "rediss", "nats", "nats+tls", "amqp", "amqps"}) {
        auto const queue = open_queue(scheme + "://user:secret@127.0.0.1:1", {}).value();
        QueueMessage const message{.body = "job_1"};
        auto const sent = queue->send({&message, 1});
        ASSERT_EQ(sent.size(), 1U);
        ASSERT_FALSE(sent.front());
        EXPECT_EQ(sent.front().error().reason, "queue_unavailable") << scheme;
        EXPECT_EQ(sent.front().error().message.find("secret"), std::string::npos);
        auto const received = queue->receive(1, std::chrono::milliseconds(10), {});
        ASSERT_FALSE(received);
        EXPECT_EQ(received.error().reason, "queue_unavailable") << scheme;
    }
}
#endif

}  // namespace nexpo::drivers

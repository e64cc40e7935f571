// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/webhook/sink.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::WebhookBackend;
using testing::WebhookSink;

/// How a delivery to whoever lies at the URL ends.
WebhookDelivery deliver(WebhookBackend const& test, std::string const& url) {
    auto const made = test.create({.url = url, .events = {"user.*"}});
    test.emit("ada");
    test.work();
    return test.deliveries(made.id).at(0);
}

/// With time that goes by.
WebhookBackend impatient() {
    return WebhookBackend([](Config& config) {
        config.clock = system_clock();
        config.notification.webhook_timeout_seconds = 1;
    });
}

TEST(WebhookReceivers, ThatNeverStopSendingAreNotListenedTo) {
    net::ScriptServer const server([](net::Peer& peer) {
        if (!peer.read() || !peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")) return;
        auto const chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
        while (peer.write(chunk)) {
        }
    });
    WebhookBackend const test;
    auto const delivery = deliver(test, server.url());
    EXPECT_EQ(delivery.state, JobState::scheduled);
    EXPECT_EQ(delivery.cause, "response_too_large");
    EXPECT_EQ(test.webhook(delivery.webhook_id).failure, "response_too_large");
}

TEST(WebhookReceivers, WithAHeaderOfTenMegabytesAreNotListenedTo) {
    net::ScriptServer const server([](net::Peer& peer) {
        if (!peer.read() || !peer.write("HTTP/1.1 200 OK\r\n")) return;
        auto const line = "X-Header: " + std::string(1'000, 'x') + "\r\n";
        for (int i = 0; i < 10'000; ++i) {
            if (!peer.write(line)) return;
        }
        peer.answer(200);
    });
    WebhookBackend const test;
    EXPECT_EQ(deliver(test, server.url()).cause, "response_too_large");
}

TEST(WebhookReceivers, ThatAreSlowAreGivenUp) {
    net::ScriptServer const server([](net::Peer& peer) {
        if (peer.read()) peer.wait_for_close();
    });
    net::ScriptServer const dripping([](net::Peer& peer) {
        if (peer.read() && peer.write("HTTP/1.1 200 OK\r\nX-Sl")) peer.wait_for_close();
    });
    for (auto const* one : {&server, &dripping}) {
        auto const test = impatient();
        auto const delivery = deliver(test, one->url());
        EXPECT_EQ(delivery.cause, "timed_out");
        EXPECT_EQ(delivery.state, JobState::scheduled);
    }
}

TEST(WebhookReceivers, ThatRedirectToThemselvesAreAskedOnce) {
    WebhookSink sink;
    sink.answer({.status = 302, .headers = "Location: /hook\r\n"});
    WebhookBackend const test;
    EXPECT_EQ(deliver(test, sink.url()).cause, "http_302");
    EXPECT_THAT(sink.take(), SizeIs(1));
}

TEST(WebhookReceivers, ThatTalkNoHttpFail) {
    net::ScriptServer const server([](net::Peer& peer) {
        if (peer.read()) peer.write("220 mail.example.com ESMTP\r\n");
    });
    net::ScriptServer const hangs_up([](net::Peer& peer) { peer.read(); });
    WebhookBackend const test;
    EXPECT_EQ(deliver(test, server.url()).state, JobState::scheduled);
    WebhookBackend const again;
    EXPECT_EQ(deliver(again, hangs_up.url()).cause, "connection_lost");
}

TEST(WebhookReceivers, OnThisMachineAreNotReached) {
    WebhookSink sink;
    WebhookBackend const test([](Config& config) { config.outbound.allowed_networks = {}; });
    // A name: what it leads to is seen when it is connected to.
    auto const port = sink.url("").substr(sink.url("").rfind(':'));
    auto const delivery = deliver(test, "http://localhost" + port + "/hook");
    EXPECT_EQ(delivery.cause, "address_refused");
    EXPECT_EQ(delivery.state, JobState::dead);
    EXPECT_THAT(sink.take(), IsEmpty());
    EXPECT_EQ(sink.connections(), 0);
}

/// An application whose events are large.
struct Blob {
    std::string text{};
};

StructType describe(Type<Blob>) {
    return structure<Blob>("Blob", field("text", &Blob::text));
}

TEST(WebhookReceivers, GetLargeEventsWhole) {
    WebhookSink sink;
    WebhookBackend const test([](Config& config) {
        config.operations.add<Blob, Empty>({.info = {.name = "blobs.create",
                                                     .kind = OperationKind::mutation,
                                                     .permission = "blobs:write",
                                                     .emits = {event<Blob>("blob.created")}},
                                            .handler = [](Call& call, Blob const& input) -> Reply<Empty> {
                                                return call.write([input](Transaction& tx) -> Result<Empty> {
                                                    tx.emit("blob.created", input);
                                                    return Empty{};
                                                });
                                            }});
    });
    test.create({.url = sink.url(), .events = {"blob.*"}});
    ASSERT_TRUE(test.acme().call<Empty>("blobs.create", Blob{std::string(3'000'000, 'x')}));
    test.work();
    auto const received = sink.take();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_GT(received[0].body.size(), 3'000'000U);
}

}  // namespace
}  // namespace nexpo

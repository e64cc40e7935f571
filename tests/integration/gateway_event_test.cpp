// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>

#include "integration/notes.hpp"
#include "support/test_backend.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::TestBackend;

constexpr auto kLong = 20s;

/// A server with one client who has signed in.
struct StreamServer {
    TestBackend test{add_notes};
    Tokens tokens = test.sign_up("ada@example.com");
    Gateway gateway = test.backend.gateway();

    Response open(std::vector<Header> headers = {}, std::string const& method = "GET") const {
        headers.push_back({"Authorization", "Bearer " + std::string(tokens.access_token)});
        return gateway.handle({.method = method, .target = "/events/stream", .headers = std::move(headers)});
    }
    std::shared_ptr<Channel> connect() const { return gateway.connect({.method = "GET", .target = "/events/stream"}); }
    std::string subscription() const {
        return R"({"type":"subscribe","token":")" + std::string(tokens.access_token) + R"("})";
    }
    void add(std::string text) const {
        test.as(tokens).call<Note>("notes.add", AddNote{.text = std::move(text)}).value();
    }
};

/// What comes next, waiting for it.
template <class Flow, class IsSomething>
auto pull(Flow& flow, IsSomething const& is_something) {
    while (true) {
        auto const rung = std::make_shared<std::promise<void>>();
        auto const once = std::make_shared<std::once_flag>();
        auto next = flow.next();
        if (is_something(next)) return next;
        flow.on_ready([rung, once] { std::call_once(*once, [&] { rung->set_value(); }); });
        if (rung->get_future().wait_for(kLong) != std::future_status::ready) return next;
    }
}

BodyPiece pull(BodySource& source) {
    return pull(source, [](BodyPiece const& piece) { return piece.last || !piece.bytes.empty(); });
}

ChannelOutput pull(Channel& channel) {
    return pull(channel, [](ChannelOutput const& output) { return output.close != 0 || !output.messages.empty(); });
}

TEST(GatewayEvents, ComeAsABodyThatGoesOn) {
    StreamServer const server;
    auto const response = server.open({{"Accept", "text/event-stream"}});
    ASSERT_EQ(response.status, 200);
    ASSERT_NE(response.source, nullptr);
    EXPECT_THAT(response.body, IsEmpty());
    EXPECT_EQ(response.header("Content-Type"), "text/event-stream");
    EXPECT_EQ(response.header("Cache-Control"), "no-cache");
    auto const first = pull(*response.source);
    EXPECT_THAT(first.bytes, StartsWith("retry: "));
    EXPECT_FALSE(first.last);
    EXPECT_THAT(response.source->next().bytes, IsEmpty());
    server.add("a\nb");
    auto const event = pull(*response.source).bytes;
    EXPECT_THAT(event, StartsWith("id: evt_"));
    EXPECT_THAT(event, HasSubstr("\nevent: note.added\ndata: {"));
    EXPECT_THAT(event, HasSubstr(R"("text":"a\nb")"));
    EXPECT_EQ(event.substr(event.size() - 3), "}\n\n");

    response.source->finish();
    EXPECT_TRUE(response.source->next().last);
}

TEST(GatewayEvents, HaveAHeadWithoutABody) {
    StreamServer const server;
    auto const response = server.open({}, "HEAD");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.source, nullptr);
    EXPECT_THAT(server.test.backend.metrics(), HasSubstr("nexpo_event_subscriptions 0"));
}

TEST(GatewayEvents, EndWithTheBackend) {
    StreamServer const server;
    auto const response = server.open();
    pull(*response.source);
    server.test.backend.close();
    auto const last = pull(*response.source);
    EXPECT_THAT(last.bytes, HasSubstr("event: stream.ended\ndata: {"));
    EXPECT_THAT(last.bytes, HasSubstr(R"("reason":"closed")"));
    EXPECT_TRUE(last.last);
}

TEST(GatewayEvents, ComeOverAChannel) {
    StreamServer const server;
    auto const channel = server.connect();
    ASSERT_NE(channel, nullptr);
    EXPECT_THAT(channel->next().messages, IsEmpty());
    channel->receive(server.subscription());
    EXPECT_EQ(pull(*channel).messages.at(0), R"({"type":"subscribed"})");
    server.add("a");
    EXPECT_THAT(pull(*channel).messages.at(0), StartsWith(R"({"type":"event","event":{"id":"evt_)"));
    channel->finish();
    EXPECT_EQ(channel->next().close, 1001);
}

TEST(GatewayEvents, EndAChannelThatMakesNoSense) {
    StreamServer const server;
    for (auto const* message : {"", "[]", "{}", R"({"type":"subscribe"})", R"({"type":"unsubscribe"})",
                                R"({"type":"subscribe","token":null})", R"({"type":"subscribe","type":"subscribe"})"}) {
        auto const channel = server.connect();
        channel->receive(message);
        auto const output = channel->next();
        ASSERT_THAT(output.messages, SizeIs(1)) << message;
        EXPECT_THAT(output.messages[0], StartsWith(R"({"type":"error","error":{)")) << message;
        EXPECT_GE(output.close, 4400) << message;
        EXPECT_LE(output.close, 4401) << message;
    }
}

TEST(GatewayEvents, HaveNoChannelAnywhereElse) {
    StreamServer const server;
    for (auto const* target : {"/", "/users", "/events", "/events/stream/x", "nonsense", ""}) {
        EXPECT_EQ(server.gateway.connect({.method = "GET", .target = target}), nullptr) << target;
    }
    EXPECT_NE(server.gateway.connect({.method = "GET", .target = "/events/stream?events=user.*"}), nullptr);
}

}  // namespace
}  // namespace nexpo

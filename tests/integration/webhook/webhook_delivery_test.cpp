// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <thread>

#include "integration/database.hpp"
#include "integration/webhook/sink.hpp"

namespace nexpo {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using testing::Database;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::WebhookBackend;
using testing::WebhookSink;
using testing::WebhookVerifier;

TEST(WebhookDeliveries, AreSignedMessages) {
    WebhookSink sink;
    WebhookBackend const test;
    for (auto const scheme : {WebhookScheme::v1, WebhookScheme::v1a}) {
        auto const made = test.create({.url = sink.url("/hook?a=b"), .events = {"user.created"}, .scheme = scheme});
        test.advance(90s);
        auto const happened_at = test.test.clock->now();
        auto const user = test.emit(std::string(to_word(scheme)));
        test.advance(10s);
        EXPECT_EQ(test.work(), 1);
        auto const received = sink.take();
        ASSERT_THAT(received, SizeIs(1));
        auto const& message = received[0];
        EXPECT_EQ(message.method, "POST");
        EXPECT_EQ(message.target, "/hook?a=b");
        EXPECT_EQ(message.header("Content-Type"), "application/json");
        EXPECT_THAT(message.header("webhook-id"), ::testing::MatchesRegex("msg_[0-9a-z]{26}"));
        EXPECT_EQ(message.header("webhook-timestamp"), std::to_string(test.now()));
        WebhookVerifier const verifier(made.secret ? *made.secret : *made.public_key);
        EXPECT_TRUE(test.accepts(verifier, message));

        auto const body = Json::parse(message.body).value();
        ASSERT_EQ(body.if_object()->size(), 3U);
        EXPECT_EQ(*body.find("type")->if_string(), "user.created");
        EXPECT_EQ(*body.find("timestamp")->if_string(), to_string(happened_at)) << "when the event happened";
        EXPECT_EQ(*body.find("data")->find("user_id")->if_string(), user.id);

        auto const deliveries = test.deliveries(made.id);
        ASSERT_THAT(deliveries, SizeIs(1));
        EXPECT_EQ(deliveries[0].state, JobState::succeeded);
        EXPECT_EQ(deliveries[0].message_id, message.header("webhook-id"));
        EXPECT_EQ(deliveries[0].event, "user.created");
        EXPECT_EQ(deliveries[0].webhook_id, made.id);
        EXPECT_EQ(deliveries[0].status, 204);
        EXPECT_EQ(deliveries[0].attempt, 1);
        ASSERT_TRUE(test.webhooks().remove({.id = made.id}));
    }
}

TEST(WebhookDeliveries, GoToThoseThatWantTheEvent) {
    WebhookSink sink;
    WebhookBackend const test;
    test.create({.url = sink.url("/all")});
    test.create({.url = sink.url("/users"), .events = {"user.*"}});
    test.create({.url = sink.url("/removed"), .events = {"user.removed", "organization.*"}});
    test.create({.url = sink.url("/none"), .events = {"use.*", "user.create", "user.created.late"}});
    test.work();
    sink.take();
    auto const user = test.emit("ada");
    test.work();
    auto const targets = [&] {
        std::vector<std::string> found;
        for (auto const& message : sink.take()) found.push_back(message.target);
        std::ranges::sort(found);
        return found;
    };
    EXPECT_THAT(targets(), ElementsAre("/all", "/users"));
    ASSERT_TRUE(test.acme().users().remove({.id = user.id}));
    test.work();
    EXPECT_THAT(targets(), ElementsAre("/all", "/removed", "/users"));
}

TEST(WebhookDeliveries, OfACallThatFailsAreNotMade) {
    WebhookSink sink;
    WebhookBackend const test;
    test.create({.url = sink.url(), .events = {"user.*"}});
    test.emit("ada");
    EXPECT_FALSE(test.acme().users().create({.email = "ada@example.com"}));
    test.work();
    EXPECT_THAT(sink.take_types(), ElementsAre("user.created"));
}

TEST(WebhookDeliveries, AreRepeatedByTheScheduleUnderOneId) {
    WebhookSink sink;
    sink.answer({.status = 500});
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url(), .events = {"user.*"}});
    WebhookVerifier const verifier(*made.secret);
    test.emit("ada");
    std::string id;
    std::string body;
    // Standard Webhooks, "Deliverability and reliability".
    constexpr std::array<std::chrono::microseconds, 7> kDelays{5s, 5min, 30min, 2h, 5h, 10h, 10h};
    for (std::size_t attempt = 0; attempt <= kDelays.size(); ++attempt) {
        ASSERT_EQ(test.work(), 1) << attempt;
        auto const received = sink.take();
        ASSERT_THAT(received, SizeIs(1));
        EXPECT_TRUE(test.accepts(verifier, received[0])) << "signed anew";
        if (attempt == 0) {
            id = received[0].header("webhook-id");
            body = received[0].body;
        }
        EXPECT_EQ(received[0].header("webhook-id"), id);
        EXPECT_EQ(received[0].body, body);
        auto const delivery = test.deliveries(made.id).at(0);
        EXPECT_EQ(delivery.status, 500);
        EXPECT_EQ(delivery.cause, "http_500");
        if (attempt == kDelays.size()) break;
        EXPECT_EQ(delivery.state, JobState::scheduled);
        auto const pause = *delivery.next_attempt_at - test.test.clock->now();
        EXPECT_GE(pause, kDelays[attempt]);
        EXPECT_LE(pause, kDelays[attempt] + kDelays[attempt] / 10);
        test.advance(pause - 1us);
        EXPECT_EQ(test.work(), 0);
        test.advance(1us);
    }
    EXPECT_EQ(test.deliveries(made.id).at(0).state, JobState::dead);
    auto const webhook = test.webhook(made.id);
    EXPECT_EQ(webhook.failure, "http_500");
    EXPECT_TRUE(webhook.failing_since);
    EXPECT_TRUE(webhook.enabled);

    sink.answer({});
    test.emit("bob");
    test.work();
    EXPECT_FALSE(test.webhook(made.id).failure);
    EXPECT_FALSE(test.webhook(made.id).failing_since);
}

TEST(WebhookDeliveries, SucceedWith2xxOnlyAndFollowNoRedirect) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url(), .events = {"user.*"}});
    int count = 0;
    for (int const status : {200, 201, 202, 299}) {
        test.advance(1ms);  // ids sort by time
        sink.answer({.status = status, .body = "thank you"});
        test.emit("ok" + std::to_string(++count));
        test.work();
        EXPECT_EQ(test.deliveries(made.id).at(0).state, JobState::succeeded) << status;
        EXPECT_EQ(test.deliveries(made.id).at(0).status, status);
    }
    sink.take();
    test.advance(1ms);
    for (int const status : {300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 429, 500, 503}) {
        sink.answer({.status = status, .headers = "Location: " + sink.url("/elsewhere") + "\r\n"});
        test.emit("bad" + std::to_string(++count));
        test.work();
        auto const delivery = test.deliveries(made.id).at(0);
        EXPECT_EQ(delivery.state, JobState::scheduled) << status;
        EXPECT_EQ(delivery.status, status);
        EXPECT_THAT(sink.take(), SizeIs(1)) << status;
        ASSERT_TRUE(test.acme().jobs().cancel({.id = delivery.id}));
        test.advance(1min);  // beyond what opens the circuit
    }
}

TEST(WebhookDeliveries, WaitAsLongAsAnOverloadedReceiverAsks) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url(), .events = {"user.*"}});
    struct Case {
        int status;
        char const* value;
        std::chrono::seconds least;
        std::chrono::seconds most;
    };
    int count = 0;
    for (auto const& [status, value, least, most] :
         std::initializer_list<Case>{{429, "120", 120s, 120s},
                                     {502, "120", 120s, 120s},
                                     {503, "Thu, 01 Jan 2026 01:00:00 GMT", 50min, 60min},
                                     {504, "1", 5s, 6s},
                                     {503, "soon", 5s, 6s},
                                     {503, "-5", 5s, 6s},
                                     {429, "99999999", 24h, 24h},
                                     {500, "120", 5s, 6s},
                                     {404, "120", 5s, 6s}}) {
        sink.answer({.status = status, .headers = std::string("Retry-After: ") + value + "\r\n"});
        test.emit("user" + std::to_string(++count));
        test.work();
        auto const delivery = test.deliveries(made.id).at(0);
        ASSERT_TRUE(delivery.next_attempt_at) << status << ' ' << value;
        auto const pause = *delivery.next_attempt_at - test.test.clock->now();
        EXPECT_GE(pause, least) << status << ' ' << value;
        EXPECT_LE(pause, most) << status << ' ' << value;
        ASSERT_TRUE(test.acme().jobs().cancel({.id = delivery.id}));
        test.advance(1min);
    }
}

TEST(WebhookDeliveries, EndWithWhoeverIsGone) {
    WebhookSink sink;
    WebhookSink watcher;
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url(), .description = "old", .events = {"user.*"}});
    test.create({.url = watcher.url(), .events = {"webhook.disabled"}});
    sink.answer({.status = 410});
    test.emit("ada");
    test.emit("bob");
    test.work();
    auto const webhook = test.webhook(made.id);
    EXPECT_FALSE(webhook.enabled);
    EXPECT_EQ(webhook.off, WebhookOff::gone);
    EXPECT_EQ(webhook.failure, "http_410");
    EXPECT_EQ(webhook.off_at, test.test.clock->now());
    auto const deliveries = test.deliveries(made.id);
    ASSERT_THAT(deliveries, SizeIs(2));
    EXPECT_EQ(deliveries[0].state, JobState::dead);
    EXPECT_EQ(deliveries[1].state, JobState::dead);
    EXPECT_THAT(sink.take(), SizeIs(1)) << "nothing more";
    auto const told = watcher.take();
    ASSERT_THAT(told, SizeIs(1));
    auto const data = *Json::parse(told[0].body).value().find("data");
    EXPECT_EQ(*data.find("webhook_id")->if_string(), made.id);
    EXPECT_EQ(*data.find("off")->if_string(), "gone");
    EXPECT_EQ(*data.find("failure")->if_string(), "http_410");

    test.emit("carol");
    test.work();
    EXPECT_THAT(test.deliveries(made.id), SizeIs(2)) << "nothing is queued for it";
    EXPECT_EQ(test.webhooks().test({.id = made.id}).error().reason, "webhook_disabled");
    EXPECT_EQ(test.webhooks().replay({.id = made.id}).error().reason, "webhook_disabled");

    sink.answer({});
    auto const enabled = test.webhooks().enable({.id = made.id}).value();
    EXPECT_TRUE(enabled.enabled);
    EXPECT_FALSE(enabled.off);
    EXPECT_FALSE(enabled.failure);
    EXPECT_EQ(test.webhooks().replay({.id = made.id})->count, 2);
    test.work();
    EXPECT_THAT(sink.take(), SizeIs(2));
}

TEST(WebhookDeliveries, AreSwitchedOffAfterFiveDaysOfFailures) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url(), .events = {"user.*"}});
    sink.answer({.status = 500});
    int day = 0;
    for (; day < 5; ++day) {
        test.emit("user" + std::to_string(day));
        test.work();
        EXPECT_TRUE(test.webhook(made.id).enabled) << day;
        test.advance(24h);
    }
    EXPECT_EQ(*test.webhook(made.id).failing_since, test.test.clock->now() - 5 * 24h);
    test.emit("last");
    test.work();
    auto const webhook = test.webhook(made.id);
    EXPECT_FALSE(webhook.enabled);
    EXPECT_EQ(webhook.off, WebhookOff::failing);
    EXPECT_EQ(webhook.failure, "http_500");
    EXPECT_EQ(Database(test.test)
                  .rows<std::int64_t>("SELECT count(*) FROM outbox_events WHERE event = 'webhook.disabled'")
                  .front(),
              1);
}

TEST(WebhookDeliveries, AreNotSwitchedOffWhenOneOfThemSucceeds) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url(), .events = {"user.*"}});
    for (int day = 0; day < 12; ++day) {
        sink.answer({.status = day == 4 || day == 8 ? 200 : 500});
        test.emit("user" + std::to_string(day));
        test.work();
        ASSERT_TRUE(test.webhook(made.id).enabled) << day;
        test.advance(24h);
    }
}

TEST(WebhookDeliveries, InOrderWaitForThoseBefore) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url(), .events = {"user.*"}, .ordered = true});
    sink.answer({.status = 500});
    for (auto const* name : {"a", "b", "c"}) test.emit(name);
    EXPECT_EQ(test.work(), 1) << "the others wait";
    sink.answer({});
    test.advance(6s);
    EXPECT_EQ(test.work(), 3);
    std::vector<std::string> order;
    for (auto const& message : sink.take()) {
        order.push_back(*Json::parse(message.body).value().find("data")->find("email")->if_string());
    }
    EXPECT_THAT(order, ElementsAre("a@example.com", "a@example.com", "b@example.com", "c@example.com"));
    EXPECT_EQ(test.deliveries(made.id).size(), 3U);
}

TEST(WebhookDeliveries, ToASlowReceiverAreLimited) {
    WebhookSink sink;
    WebhookBackend const test([](Config& config) { config.notification.webhook_concurrency = 2; });
    auto const made = test.create({.url = sink.url(), .events = {"user.*"}});
    for (auto const* name : {"a", "b", "c", "d"}) test.emit(name);
    EXPECT_EQ(test.backend.work({.max_jobs = 1}).value(), 1);
    auto const states = [&](JobState state) {
        return test.webhooks().deliveries({.id = made.id, .state = state})->items.size();
    };
    EXPECT_EQ(states(JobState::succeeded), 1U);
    EXPECT_EQ(states(JobState::ready), 2U);
    EXPECT_EQ(states(JobState::blocked), 1U);
    EXPECT_EQ(test.work(), 3);
}

// Whoever emits events of one organization at the same time as others does not wait for them, nor for deliveries.
TEST(WebhookDeliveries, HoldUpNobodyWhoEmits) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const working = test.open([](Config& config) {
        config.clock = system_clock();
        config.threads.jobs = 2;
    });
    auto const api = working.as_system("acme");
    auto const made = api.webhooks().create({.url = sink.url(), .events = {"user.*"}}).value();
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 8; ++caller) {
        callers.emplace_back([&, caller] {
            for (int i = 0; i < 25; ++i) {
                auto const name = std::to_string(caller) + "-" + std::to_string(i);
                auto const added = api.users().create({.email = name + "@example.com"});
                EXPECT_TRUE(added) << added.error().reason << ": " << added.error().message;
            }
        });
    }
    for (auto& caller : callers) caller.join();
    auto const end = std::chrono::steady_clock::now() + 60s;
    auto const succeeded = [&] {
        return test.webhooks()
            .deliveries({.id = made.id, .limit = 200, .state = JobState::succeeded})
            .value()
            .items.size();
    };
    while (succeeded() < 200 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_EQ(succeeded(), 200U);
    std::set<std::string> ids;
    for (auto const& message : sink.take()) ids.insert(message.header("webhook-id"));
    EXPECT_EQ(ids.size(), 200U);
    working.close();
    EXPECT_EQ(Database(test.test).count("job_slots"), 0);
}

// Receivers that never answer hold no thread: jobs of others run meanwhile.
TEST(WebhookDeliveries, ToReceiversThatAreSilentHoldUpNoJobs) {
    net::ScriptServer const silent([](net::Peer& peer) {
        if (peer.read()) peer.wait_for_close();
    });
    WebhookSink sink;
    WebhookBackend const test;
    auto const working = test.open([](Config& config) {
        config.clock = system_clock();
        config.threads.jobs = 1;
    });
    auto const api = working.as_system("acme");
    ASSERT_TRUE(api.webhooks().create({.url = silent.url(), .events = {"user.*"}}));
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(api.users().create({.email = std::to_string(i) + "@example.com"}));
    auto const other = working.as_system("other");
    ASSERT_TRUE(other.webhooks().create({.url = sink.url(), .events = {"user.*"}}));
    auto const begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(other.users().create({.email = "ada@example.com"}));
    std::vector<net::Received> received;
    while (received.empty() && std::chrono::steady_clock::now() < begin + 10s) {
        received = sink.take();
        std::this_thread::yield();
    }
    EXPECT_THAT(received, SizeIs(1)) << "before the others are given up";
}

TEST(WebhookDeliveries, AreListedAndReplayed) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url(), .events = {"user.*"}});
    sink.answer({.status = 500});
    for (auto const* name : {"a", "b", "c"}) {
        test.emit(name);
        test.advance(1min);
    }
    for (int attempt = 0; attempt < 8; ++attempt) {
        EXPECT_EQ(test.work(), 3);
        test.advance(11h);
    }
    EXPECT_EQ(test.work(), 0);
    sink.take();
    auto const first = test.webhooks().deliveries({.id = made.id, .limit = 2}).value();
    ASSERT_THAT(first.items, SizeIs(2));
    auto const second = test.webhooks().deliveries({.id = made.id, .limit = 2, .cursor = first.next}).value();
    ASSERT_THAT(second.items, SizeIs(1));
    EXPECT_GT(first.items[0].id, first.items[1].id) << "the newest first";
    EXPECT_GT(first.items[1].id, second.items[0].id);
    EXPECT_EQ(test.webhooks().deliveries({.id = made.id, .cursor = "AAAA"}).error().reason, "cursor_invalid");

    sink.answer({});
    EXPECT_EQ(test.webhooks().replay({.id = made.id, .delivery_id = "job_x"}).error().reason, "delivery_not_found");
    EXPECT_EQ(test.webhooks().replay({.id = made.id, .since = test.test.clock->now()})->count, 0);
    auto const newest = first.items[0];
    EXPECT_EQ(test.webhooks().replay({.id = made.id, .delivery_id = newest.id})->count, 1);
    EXPECT_EQ(test.webhooks().replay({.id = made.id, .delivery_id = newest.id}).error().reason, "delivery_under_way");
    test.work();
    auto received = sink.take();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_EQ(received[0].header("webhook-id"), newest.message_id);
    EXPECT_EQ(test.webhooks().replay({.id = made.id, .since = second.items[0].finished_at, .limit = 1})->count, 1);
    EXPECT_EQ(test.webhooks().replay({.id = made.id})->count, 1) << "the one that is left";
    test.work();
    EXPECT_THAT(sink.take(), SizeIs(2));

    EXPECT_EQ(test.webhooks().replay({.id = made.id, .delivery_id = newest.id})->count, 1) << "although it succeeded";
    test.work();
    received = sink.take();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_EQ(received[0].header("webhook-id"), newest.message_id);
    EXPECT_EQ(test.deliveries(made.id).size(), 4U);
    EXPECT_EQ(Database(test.test).audit("webhooks.replay").front().target, made.id);
}

TEST(WebhookDeliveries, CanBeTested) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const made = test.create({.url = sink.url(), .events = {"user.*"}});
    auto const delivery = test.webhooks().test({.id = made.id}).value();
    EXPECT_EQ(delivery.event, "webhook.test");
    EXPECT_EQ(delivery.state, JobState::ready);
    test.work();
    auto const received = sink.take();
    ASSERT_THAT(received, SizeIs(1));
    EXPECT_TRUE(test.accepts(WebhookVerifier(*made.secret), received[0]));
    EXPECT_EQ(received[0].header("webhook-id"), delivery.message_id);
    auto const body = Json::parse(received[0].body).value();
    EXPECT_EQ(*body.find("type")->if_string(), "webhook.test");
    EXPECT_EQ(*body.find("data")->find("webhook_id")->if_string(), made.id);
    EXPECT_EQ(test.deliveries(made.id).at(0).state, JobState::succeeded);
}

TEST(WebhookDeliveries, OfARemovedOrDisabledWebhookAreGivenUp) {
    WebhookSink sink;
    WebhookBackend const test;
    auto const removed = test.create({.url = sink.url("/removed"), .events = {"user.*"}});
    auto const disabled = test.create({.url = sink.url("/disabled"), .events = {"user.*"}});
    test.emit("ada");
    ASSERT_TRUE(test.webhooks().remove({.id = removed.id}));
    auto const off = test.webhooks().disable({.id = disabled.id}).value();
    EXPECT_EQ(off.off, WebhookOff::by_hand);
    EXPECT_EQ(test.webhooks().disable({.id = disabled.id})->version, off.version) << "it was off already";
    EXPECT_EQ(test.work(), 2);
    EXPECT_THAT(sink.take(), IsEmpty());
    EXPECT_EQ(test.deliveries(disabled.id).at(0).cause, "webhook_disabled");
    EXPECT_THAT(test.acme().jobs().list({.state = JobState::dead})->items, SizeIs(2));
}

TEST(WebhookDeliveries, OfOtherProcessesAreSeenWithinASecond) {
    WebhookSink sink;
    WebhookBackend const test;
    test.emit("before");
    auto const other = test.open();
    ASSERT_TRUE(other.as_system("acme").webhooks().create({.url = sink.url(), .events = {"user.*"}}));
    test.advance(1s);
    test.emit("after");
    test.work();
    EXPECT_THAT(sink.take_types(), ElementsAre("user.created"));
}

}  // namespace
}  // namespace nexpo

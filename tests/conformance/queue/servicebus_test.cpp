// SPDX-License-Identifier: Apache-2.0
// What Service Bus does beyond the suite: credentials, faults, locks that are lost, subscriptions of topics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/queue/doubles.hpp"
#include "drivers/queue/registry.hpp"
#include "nexpo/testing/clock.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::inline v1::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

std::shared_ptr<Queue> open(std::string const& url, drivers::QueueContext const& context = {}) {
    return drivers::open_queue(url, context).value();
}

Result<void> send(Queue& queue, std::string body = "job_1") {
    QueueMessage const message{.body = std::move(body)};
    return queue.send({&message, 1}).front();
}

QueueDelivery receive(Queue& queue) {
    auto some = queue.receive(1, std::chrono::seconds(20), {});
    EXPECT_TRUE(some && some->size() == 1);
    return some && !some->empty() ? some->front() : QueueDelivery{};
}

std::string reason(Result<void> const& result) {
    return result ? "" : result.error().reason;
}

/// Sends, receives and acknowledges.
std::string round_trip(Queue& queue) {
    if (auto sent = send(queue); !sent) return sent.error().reason;
    auto const delivery = receive(queue);
    EXPECT_EQ(delivery.body, "job_1");
    return reason(queue.acknowledge({&delivery, 1}).front());
}

TEST(ServiceBus, TakesEachKindOfCredentials) {
    ServiceBusPlace const place;
    TempDir const folder;
    auto const assertion = (folder.path() / "assertion").string();
    std::ofstream(assertion) << "assertion\n";
    auto const host = place.server.direct_address();
    EXPECT_EQ(round_trip(*open(place.with_key())), "");
    for (auto const& parameters :
         {"&tenant=tenant&client=app&secret=client%20secret&authority=" + host,
          "&tenant=tenant&client=app&token_file=" + assertion + "&authority=" + host, "&metadata=" + host,
          "&metadata=" + host + "&client=assigned",
          "&identity_endpoint=http://" + host + "/msi/token&identity_header=identity%20header"}) {
        EXPECT_EQ(round_trip(*open(place.url("", parameters))), "") << parameters;
    }
    EXPECT_GE(place.server.tokens("assigned"), 1);
}

TEST(ServiceBus, SaysWhatIsWrongWithCredentialsWithoutShowingThem) {
    ServiceBusPlace const place;
    auto const host = place.server.direct_address();
    struct Case {
        std::string user;
        std::string parameters;
        std::string reason;
    };
    for (auto const& [user, parameters, expected] :
         {Case{"nexpo:hidden@", "", "queue_refused"}, Case{"other:hidden@", "", "queue_refused"},
          Case{"", "&tenant=tenant&client=app&secret=hidden&authority=" + host, "queue_refused"},
          Case{"", "&tenant=tenant&client=app&token_file=/nowhere&authority=" + host, "queue_refused"},
          Case{"", "&tenant=tenant&client=app&secret=hidden&authority=127.0.0.1:1", "queue_unavailable"},
          Case{"", "&metadata=127.0.0.1:1", "queue_unavailable"},
          Case{"", "&identity_endpoint=http://" + host + "/msi/token&identity_header=hidden", "queue_refused"}}) {
        auto const sent = send(*open(place.url(user, parameters)));
        EXPECT_EQ(reason(sent), expected) << user << parameters;
        ASSERT_FALSE(sent);
        EXPECT_THAT(sent.error().message, Not(HasSubstr("hidden")));
    }
}

TEST(ServiceBus, ReplacesATokenThatIsNotTaken) {
    ServiceBusPlace const place;
    auto const queue = open(place.url("", "&metadata=" + place.server.direct_address() + "&client=" + place.name));
    ASSERT_EQ(round_trip(*queue), "");
    EXPECT_EQ(place.server.tokens(place.name), 1);
    place.server.revoke(place.name);
    EXPECT_EQ(round_trip(*queue), "");
    EXPECT_EQ(place.server.tokens(place.name), 2);
    place.server.fault("POST /" + place.name + "/messages$", {{"status", 401}, {"times", 2}});
    EXPECT_EQ(reason(send(*queue)), "queue_refused");
}

TEST(ServiceBus, SignsAnewWhatIsNotTaken) {
    ServiceBusPlace const place;
    auto const clock = std::make_shared<ManualClock>(system_clock()->now() - std::chrono::minutes(61));
    auto const queue = open(place.with_key(), {.clock = clock});
    EXPECT_EQ(reason(send(*queue)), "queue_refused") << "over when it was signed";
    clock->set(system_clock()->now());
    EXPECT_EQ(round_trip(*queue), "");
}

TEST(ServiceBus, SaysWhenItIsBusy) {
    ServiceBusPlace const place;
    auto const queue = open(place.with_key());
    auto const path = "POST /" + place.name + "/messages$";
    for (int const status : {429, 503}) {
        place.server.fault(path, {{"status", status}, {"headers", Json::Object{{"Retry-After", "77"}}}});
        auto const busy = send(*queue);
        ASSERT_EQ(reason(busy), "queue_busy") << status;
        ASSERT_TRUE(busy.error().retry_after);
        EXPECT_EQ(*busy.error().retry_after, std::chrono::seconds(77));
    }
    place.server.fault(path, {{"status", 403}});
    EXPECT_EQ(reason(send(*queue)), "queue_busy") << "a quota is used up";
    place.server.fault(path, {{"status", 500}, {"times", 3}});
    EXPECT_EQ(reason(send(*queue)), "queue_unavailable");
    place.server.fault(path, {{"status", 200}});
    EXPECT_EQ(reason(send(*queue)), "queue_answer_invalid");
}

TEST(ServiceBus, SplitsWhatIsTooMuchForOneRequestAndAnswersForEach) {
    ServiceBusPlace const place;
    auto const queue = open(place.with_key());
    std::vector<QueueMessage> const many(250, {.body = "job_1"});
    place.server.fault("POST /" + place.name + "/messages$", {{"status", 403}});
    auto const results = queue->send(many);
    ASSERT_THAT(results, SizeIs(many.size()));
    for (std::size_t at = 0; at < results.size(); ++at) {
        EXPECT_EQ(reason(results[at]), at < 100 ? "queue_busy" : "") << at;
    }
    // As long as they can be, and grown by base64.
    std::vector<QueueMessage> const long_ones(10, {.body = std::string(65'536, '\0')});
    for (auto const& result : queue->send(long_ones)) EXPECT_EQ(reason(result), "");
}

TEST(ServiceBus, TellsOfLostLocksThatItDidNotKnowOf) {
    ServiceBusPlace const place;
    auto const clock = std::make_shared<ManualClock>(system_clock()->now());
    auto const queue = open(place.with_key(), {.clock = clock});
    ASSERT_EQ(reason(send(*queue)), "");
    auto first = receive(*queue);
    // Our clock stands, so that only the service knows that the lock is over.
    auto const second = receive(*queue);
    EXPECT_EQ(reason(queue->acknowledge({&first, 1}).front()), "delivery_lost");
    EXPECT_FALSE(queue->extend(first, std::chrono::seconds(10)));
    EXPECT_EQ(reason(queue->release(first, {})), "delivery_lost");
    place.server.fault("DELETE /" + place.name, {{"status", 410}});
    EXPECT_EQ(reason(queue->acknowledge({&second, 1}).front()), "delivery_lost");
    EXPECT_EQ(reason(queue->acknowledge({&second, 1}).front()), "");
}

TEST(ServiceBus, GoesOnlyToLocksOfItsQueue) {
    ServiceBusPlace const place;
    auto const queue = open(place.with_key());
    std::vector<std::string> const locations = {"",
                                                "no URL",
                                                "https://elsewhere.example",
                                                "https://elsewhere.example/other/messages/1/2",
                                                "https://x/" + place.name + "/messages/",
                                                "https://x/" + place.name + "/messages/../../other/messages/1/2",
                                                "https://x/" + place.name + "/messages/1?a=b"};
    for (auto const& location : locations) {
        place.server.fault("POST /" + place.name + "/messages/head",
                           {{"status", 201}, {"headers", Json::Object{{"Location", location}}}, {"body", "x"}});
        auto const received = queue->receive(1, std::chrono::seconds(1), {});
        ASSERT_FALSE(received) << location;
        EXPECT_EQ(received.error().reason, "queue_answer_invalid");
    }
}

TEST(ServiceBus, ReceivesFromASubscriptionOfATopic) {
    auto const topic = fresh_name();
    ServiceBusPlace const place(topic + "/subscriptions/workers");
    EXPECT_EQ(round_trip(*open(place.with_key())), "");
}

TEST(ServiceBus, SaysThatThereIsNoSuchQueue) {
    ServiceBusPlace place;
    place.name = "nowhere";
    auto const queue = open(place.with_key());
    EXPECT_EQ(reason(send(*queue)), "queue_unavailable");
    auto const received = queue->receive(1, std::chrono::seconds(1), {});
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().reason, "queue_unavailable");
}

TEST(ServiceBus, KnowsItsParameters) {
    auto const refused = [](std::string const& url) {
        auto const opened = drivers::open_queue(url, {});
        return opened ? "" : opened.error().reason;
    };
    EXPECT_EQ(refused("servicebus://n.servicebus.windows.net/q"), "");
    EXPECT_EQ(refused("servicebus://name:key@n.servicebus.windows.net/t/subscriptions/s"), "");
    for (std::string const rest :
         {"", "/", "/q/", "/../q", "/q%20x", "/q?tenant=t", "/q?secret=s", "/q?tenant=t&secret=s", "/q?teant=t",
          "/q?identity_endpoint=http://x", "/q?identity_header=x"}) {
        EXPECT_EQ(refused("servicebus://n.servicebus.windows.net" + rest), "queue_url_invalid") << rest;
    }
    EXPECT_EQ(refused("servicebus:///q"), "queue_url_invalid");
    EXPECT_EQ(refused("servicebus://name@n.servicebus.windows.net/q"), "queue_url_invalid");
}

}  // namespace
}  // namespace nexpo::inline v1::testing

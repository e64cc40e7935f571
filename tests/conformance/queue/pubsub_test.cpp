// SPDX-License-Identifier: Apache-2.0
// What Pub/Sub does beyond the suite: credentials, faults, acknowledgements that fail in part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/queue/doubles.hpp"
#include "drivers/queue/registry.hpp"
#include "nexpo/testing/clock.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::inline v1::testing {
namespace {

using ::testing::AllOf;
using ::testing::Each;
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

std::vector<QueueDelivery> receive(Queue& queue, std::size_t count, int attempts = 10) {
    std::vector<QueueDelivery> all;
    for (int attempt = 0; attempt < attempts && all.size() < count; ++attempt) {
        auto some = queue.receive(count - all.size(), std::chrono::seconds(2), {});
        EXPECT_TRUE(some) << some.error().message;
        if (some) all.insert(all.end(), some->begin(), some->end());
    }
    EXPECT_THAT(all, SizeIs(count));
    return all;
}

std::string reason(Result<void> const& result) {
    return result ? "" : result.error().reason;
}

/// The key file, with other members.
std::string changed_key(PubsubPlace const& place, TempDir const& folder, Json::Object const& changes) {
    std::ifstream file(place.server.file("key.json"));
    auto key = Json::parse(std::string(std::istreambuf_iterator<char>(file), {})).value();
    for (auto const& [name, value] : changes) {
        for (auto& [member, old] : *key.if_object()) {
            if (member == name) old = value;
        }
    }
    auto const path = folder.path() / "key.json";
    std::ofstream(path) << key.dump();
    return path.string();
}

TEST(PubSub, KeepsItsTokenUntilItIsNearlyOver) {
    PubsubPlace const place;
    TempDir const folder;
    auto const clock = std::make_shared<ManualClock>(system_clock()->now());
    auto const whose = "nexpo@" + place.name;
    auto const queue =
        open(place.url("credentials=" + changed_key(place, folder, {{"client_email", whose}})), {.clock = clock});
    for (int number = 0; number < 5; ++number) EXPECT_EQ(reason(send(*queue)), "");
    EXPECT_EQ(place.server.tokens(whose), 1);
    clock->advance(std::chrono::minutes(55));
    EXPECT_EQ(reason(send(*queue)), "");
    EXPECT_EQ(place.server.tokens(whose), 1);
    clock->advance(std::chrono::minutes(2));
    // Now it wants another one. The double, whose clock is right, gives none for an assertion of the future.
    EXPECT_EQ(reason(send(*queue)), "") << "the old one is still good";
    EXPECT_EQ(place.server.tokens(whose), 1);
    clock->advance(std::chrono::minutes(4));
    EXPECT_EQ(reason(send(*queue)), "queue_refused");
}

TEST(PubSub, ReplacesATokenThatIsNotTaken) {
    PubsubPlace const place;
    TempDir const folder;
    auto const whose = "nexpo@" + place.name;
    auto const queue = open(place.url("credentials=" + changed_key(place, folder, {{"client_email", whose}})));
    ASSERT_EQ(reason(send(*queue)), "");
    EXPECT_EQ(place.server.tokens(whose), 1);
    place.server.revoke(whose);
    EXPECT_EQ(reason(send(*queue)), "");
    EXPECT_EQ(place.server.tokens(whose), 2);
    place.server.fault("POST .*" + place.name + ":publish", {{"status", 401}, {"times", 2}});
    EXPECT_EQ(reason(send(*queue)), "queue_refused");
    EXPECT_EQ(place.server.tokens(whose), 3) << "replaced once for each call";
    EXPECT_THAT(receive(*queue, 2), SizeIs(2));
}

TEST(PubSub, GetsItsTokenFromTheMetadataServer) {
    PubsubPlace const place;
    auto const queue = open(place.url("metadata=" + place.server.direct_address()));
    EXPECT_EQ(reason(send(*queue)), "");
    EXPECT_THAT(receive(*queue, 1), SizeIs(1));
    EXPECT_GE(place.server.tokens("metadata"), 1);
}

TEST(PubSub, TakesNoTokenOfSomebodyElseThanTheMetadataServer) {
    PubsubPlace const place;
    // Without `Metadata-Flavor` in the answer.
    auto const host = place.server.address();
    auto const answer = Json::Object{{"access_token", "x"}, {"expires_in", 9}};
    place.server.fault(host + " GET /computeMetadata/", {{"status", 200}, {"body", answer}});
    EXPECT_EQ(reason(send(*open(place.url("metadata=" + host)))), "queue_unavailable");
}

TEST(PubSub, SaysWhatIsWrongWithCredentialsWithoutShowingThem) {
    PubsubPlace const place;
    TempDir const folder;
    struct Case {
        Json::Object changes;
        std::string reason;
    };
    for (auto const& [changes, expected] :
         {Case{{{"type", "authorized_user"}}, "queue_refused"}, Case{{{"private_key", "no key"}}, "queue_refused"},
          Case{{{"private_key_id", "another"}}, "queue_refused"},
          Case{{{"token_uri", "http://127.0.0.1:1/token"}}, "queue_unavailable"},
          Case{{{"token_uri", "no URL"}}, "queue_unavailable"}}) {
        auto const sent = send(*open(place.url("credentials=" + changed_key(place, folder, changes))));
        EXPECT_EQ(reason(sent), expected) << Json(changes).dump();
        ASSERT_FALSE(sent);
        EXPECT_THAT(sent.error().message, AllOf(Not(HasSubstr("BEGIN")), Not(HasSubstr(folder.path().string()))));
    }
    EXPECT_EQ(reason(send(*open(place.url("credentials=/nowhere.json")))), "queue_refused");
}

TEST(PubSub, SaysWhenItIsBusy) {
    PubsubPlace const place;
    auto const queue = open(place.url(place.with_key()));
    place.server.fault(place.name + ":publish",
                       {{"status", 429}, {"headers", Json::Object{{"Retry-After", "77"}}}, {"times", 1}});
    auto const busy = send(*queue);
    ASSERT_EQ(reason(busy), "queue_busy");
    EXPECT_EQ(busy.error().code, Errc::resource_exhausted);
    ASSERT_TRUE(busy.error().retry_after);
    EXPECT_EQ(*busy.error().retry_after, std::chrono::seconds(77));
    // What passes at once is repeated.
    place.server.fault(place.name + ":publish", {{"status", 503}, {"times", 1}});
    EXPECT_EQ(reason(send(*queue)), "");
    place.server.fault(place.name + ":publish", {{"status", 503}, {"times", 3}});
    EXPECT_EQ(reason(send(*queue)), "queue_unavailable");
    place.server.fault(place.name + ":publish", {{"status", 403}});
    EXPECT_EQ(reason(send(*queue)), "queue_refused");
    place.server.fault(place.name + ":publish", {{"status", 200}, {"body", Json::Object{}}});
    EXPECT_EQ(reason(send(*queue)), "queue_answer_invalid");
}

TEST(PubSub, SplitsWhatIsTooMuchForOneRequestAndAnswersForEach) {
    PubsubPlace const place;
    auto const queue = open(place.url(place.with_key()));
    std::vector<QueueMessage> const many(2'100, {.body = "job_1"});
    place.server.fault(place.name + ":publish", {{"status", 403}});
    auto const results = queue->send(many);
    ASSERT_THAT(results, SizeIs(many.size()));
    for (std::size_t at = 0; at < results.size(); ++at) {
        EXPECT_EQ(reason(results[at]), at < 1'000 ? "queue_refused" : "") << at;
    }
    std::vector<QueueMessage> const long_ones(160, {.body = std::string(65'536, 'x')});
    for (auto const& result : queue->send(long_ones)) EXPECT_EQ(reason(result), "");
    auto const all = receive(*queue, 1'260, 100);
    for (auto const& result : queue->acknowledge(all)) EXPECT_EQ(reason(result), "");
}

TEST(PubSub, AnAnswerThatIsLostMayCostADuplicate) {
    PubsubPlace const place;
    auto const queue = open(place.url(place.with_key()));
    place.server.fault(place.name + ":publish", {{"close", true}});
    EXPECT_EQ(reason(send(*queue)), "");
    EXPECT_THAT(receive(*queue, 2), SizeIs(2));
}

TEST(PubSub, AcknowledgesOnceMoreWhatOthersHeldUp) {
    PubsubPlace const place({{"enableExactlyOnceDelivery", true}});
    auto const queue = open(place.url("lease=60&" + place.with_key()));
    for (int number = 0; number < 3; ++number) ASSERT_EQ(reason(send(*queue)), "");
    auto deliveries = receive(*queue, 3);
    ASSERT_THAT(deliveries, SizeIs(3));
    place.server.ask("POST", "transient", Json(Json::Object{{"subscription", place.subscription()}, {"times", 1}}));
    auto results = queue->acknowledge(deliveries);
    ASSERT_THAT(results, SizeIs(3));
    EXPECT_EQ(reason(results[0]), "queue_unavailable") << "failed for now";
    EXPECT_EQ(reason(results[1]), "");
    EXPECT_EQ(reason(results[2]), "");
    EXPECT_EQ(reason(queue->acknowledge({deliveries.data(), 1}).front()), "");
}

TEST(PubSub, TellsOfLostLeasesThatItDidNotKnowOf) {
    PubsubPlace const place({{"enableExactlyOnceDelivery", true}});
    auto const clock = std::make_shared<ManualClock>(system_clock()->now());
    auto const queue = open(place.url("lease=1&" + place.with_key()), {.clock = clock});
    ASSERT_EQ(reason(send(*queue)), "");
    auto first = receive(*queue, 1);
    ASSERT_THAT(first, SizeIs(1));
    // Our clock stands, so that only the service knows that the lease is over.
    auto const second = receive(*queue, 1);
    EXPECT_EQ(reason(queue->acknowledge(first).front()), "delivery_lost");
    EXPECT_FALSE(queue->extend(first.front(), std::chrono::seconds(10)));
    EXPECT_EQ(reason(queue->release(first.front(), {})), "delivery_lost");
    EXPECT_EQ(reason(queue->acknowledge(second).front()), "");
}

TEST(PubSub, KnowsItsParameters) {
    auto const refused = [](std::string const& url) {
        auto const opened = drivers::open_queue(url, {});
        return opened ? "" : opened.error().reason;
    };
    EXPECT_EQ(refused("pubsub:///project/subscription"), "");
    EXPECT_EQ(refused("pubsub://europe-west1-pubsub.googleapis.com/example.com:project/s?topic=t&ordered=true"), "");
    for (auto const* const url :
         {"pubsub://", "pubsub:///project", "pubsub:///project/", "pubsub:///project/a/b", "pubsub:///../s",
          "pubsub:///p/s%3Fx", "pubsub:///p/s?topic=a/b", "pubsub:///p/s?tpoic=t", "pubsub:///p/s?ordered=yes",
          "pubsub://user:secret@host/p/s", "pubsub:///p/s?dead=a%20b"}) {
        EXPECT_EQ(refused(url), "queue_url_invalid") << url;
    }
}

}  // namespace
}  // namespace nexpo::inline v1::testing

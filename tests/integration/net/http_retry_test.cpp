// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "script_server.hpp"
#include "test_client.hpp"

namespace nexpo::net {
namespace {

using namespace std::chrono_literals;

/// Fails as often as told, then answers 200.
struct Flaky {
    explicit Flaky(int failures, int status = 503, std::string headers = "")
        : server([this, failures, status, headers](Peer& peer) {
              while (peer.read()) {
                  if (requests.fetch_add(1) < failures) {
                      peer.answer(status, "", headers);
                  } else {
                      peer.answer(200, "done");
                  }
              }
          }) {}

    std::atomic<int> requests{0};
    ScriptServer server;
};

TEST(HttpRetry, RepeatsUntilItSucceeds) {
    Flaky flaky(2);
    TestClient const test;
    auto const outcome = test.begin(TestClient::request(flaky.server.url()));
    EXPECT_LE(test.let_retry(), 200ms);
    EXPECT_LE(test.let_retry(), 400ms);
    auto const response = outcome->take();
    EXPECT_EQ(reason(response), "status 200");
    EXPECT_EQ(response->attempts, 3);
    EXPECT_EQ(flaky.requests.load(), 3);
    EXPECT_EQ(test.client->stats().retries, 2U);
}

TEST(HttpRetry, AnswersTheLastFailure) {
    Flaky flaky(100);
    TestClient const test;
    auto const outcome = test.begin(TestClient::request(flaky.server.url()));
    test.let_retry();
    test.let_retry();
    EXPECT_EQ(reason(outcome->take()), "status 503");
    EXPECT_EQ(flaky.requests.load(), 3);
}

TEST(HttpRetry, RepeatsOnlyWhatMayBe) {
    struct Case {
        char const* method;
        bool repeatable;
        HttpHeaders headers;
        int status;
        int requests;
    };
    for (auto const& [method, repeatable, headers, status, expected] : {
             Case{"PUT", false, {}, 503, 2},
             Case{"DELETE", false, {}, 503, 2},
             Case{"POST", false, {}, 503, 1},
             Case{"PATCH", false, {}, 503, 1},
             Case{"POST", true, {}, 503, 2},
             Case{"POST", false, {{"idempotency-key", "k"}}, 503, 2},
             Case{"GET", false, {}, 408, 2},
             Case{"GET", false, {}, 429, 2},
             Case{"GET", false, {}, 500, 2},
             Case{"GET", false, {}, 502, 2},
             Case{"GET", false, {}, 504, 2},
             Case{"GET", false, {}, 501, 1},
             Case{"GET", false, {}, 404, 1},
         }) {
        Flaky flaky(100, status);
        TestClient const test({.retry = {.max_attempts = 2}});
        auto request = TestClient::request(flaky.server.url());
        request.method = method;
        request.repeatable = repeatable;
        request.headers = headers;
        auto const outcome = test.begin(request);
        if (expected > 1) test.let_retry();
        EXPECT_EQ(reason(outcome->take()), "status " + std::to_string(status));
        EXPECT_EQ(flaky.requests.load(), expected) << method << ' ' << status;
    }
}

TEST(HttpRetry, RepeatsWhatCouldNotBeConnected) {
    int port = 0;
    {
        ScriptServer const gone([](Peer&) {});
        port = gone.port();
    }
    TestClient const test({.retry = {.max_attempts = 2}});
    auto const outcome = test.begin(TestClient::request("http://127.0.0.1:" + std::to_string(port)));
    test.let_retry();
    EXPECT_EQ(reason(outcome->take()), "connect_failed");
    EXPECT_EQ(test.client->stats().retries, 1U);
}

TEST(HttpRetry, WaitsAsLongAsTheServerAsks) {
    // The clock starts at 2026-01-01T00:00:00Z, a Thursday.
    for (auto const* const value :
         {"7", "Thu, 01 Jan 2026 00:00:07 GMT", "Thursday, 01-Jan-26 00:00:07 GMT", "Thu Jan  1 00:00:07 2026"}) {
        Flaky flaky(1, 503, "Retry-After: " + std::string(value) + "\r\n");
        TestClient const test;
        auto const outcome = test.begin(TestClient::request(flaky.server.url()));
        auto const wait = test.retries->take();
        EXPECT_GE(wait, 7s) << value;
        EXPECT_LE(wait, 7'200ms) << value;
        test.advance(wait - 1ms);
        EXPECT_EQ(flaky.requests.load(), 1) << value;
        test.advance(1ms);
        EXPECT_EQ(reason(outcome->take()), "status 200") << value;
    }
}

TEST(HttpRetry, DoesNotWaitBeyondItsLimits) {
    // Longer than the longest that is waited for, and longer than the time limit.
    for (auto const* const seconds : {"61", "30"}) {
        Flaky flaky(1, 429, "Retry-After: " + std::string(seconds) + "\r\n");
        TestClient const test;
        EXPECT_EQ(reason(test.get(flaky.server.url())), "status 429");
        EXPECT_EQ(flaky.requests.load(), 1);
    }
}

TEST(HttpRetry, CanBeStoppedWhileItWaits) {
    Flaky flaky(1, 503, "Retry-After: 20\r\n");
    TestClient const test;
    std::stop_source stop;
    auto request = TestClient::request(flaky.server.url());
    request.stop = stop.get_token();
    auto const stopped = test.begin(request);
    test.retries->take();
    stop.request_stop();
    EXPECT_EQ(reason(stopped->take()), "cancelled");
    EXPECT_EQ(flaky.requests.load(), 1);
}

/// Has none to give.
class NoRandom final : public Random {
    void fill(std::span<std::byte>) override { throw Exception(Error{.code = Errc::internal}); }
};

TEST(HttpRetry, OutlivesAFailureOfItsOwn) {
    Flaky flaky(1);
    auto const client = HttpClient::create({.random = std::make_shared<NoRandom>()}).value();
    auto const outcome = client->send(TestClient::request(flaky.server.url()));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::internal);
    EXPECT_EQ(reason(client->send(TestClient::request(flaky.server.url()))), "status 200");
    EXPECT_EQ(client->stats().under_way, 0U);
}

TEST(HttpRetry, RefusesTimesWithoutEnd) {
    constexpr auto kForever = std::chrono::milliseconds::max();
    for (auto const& options :
         {HttpClientOptions{.retry = {.base = kForever}}, HttpClientOptions{.circuit = {.window = kForever}},
          HttpClientOptions{.circuit = {.open_for = kForever}}, HttpClientOptions{.resolving = {.keep_for = kForever}},
          HttpClientOptions{.resolving = {.keep_for = std::chrono::milliseconds(-1)}}}) {
        auto const client = HttpClient::create(options);
        ASSERT_FALSE(client);
        EXPECT_EQ(client.error().reason, "options_invalid");
    }
}

TEST(HttpCircuit, LeavesAFailingHostAlone) {
    std::atomic<int> requests{0};
    std::atomic<bool> healthy{false};
    ScriptServer const server([&](Peer& peer) {
        while (peer.read()) {
            ++requests;
            peer.answer(healthy ? 200 : 500);
        }
    });
    ScriptServer const other([](Peer& peer) {
        while (peer.read()) peer.answer(200);
    });
    TestClient const test({.retry = {.max_attempts = 1}, .circuit = {.consecutive_failures = 3, .open_for = 10s}});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(reason(test.get(server.url())), "status 500");
    auto const refused = test.get(server.url());
    EXPECT_EQ(reason(refused), "circuit_open");
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_EQ(refused.error().retry_after, 10s);
    EXPECT_EQ(requests.load(), 3);
    EXPECT_EQ(reason(test.get(other.url())), "status 200") << "only that one";

    test.clock->advance(10s);
    EXPECT_EQ(reason(test.get(server.url())), "status 500") << "the probe";
    EXPECT_EQ(reason(test.get(server.url())), "circuit_open");
    healthy = true;
    test.clock->advance(10s);
    EXPECT_EQ(reason(test.get(server.url())), "status 200");
    EXPECT_EQ(reason(test.get(server.url())), "status 200");
    auto const stats = test.client->stats();
    EXPECT_EQ(stats.circuits_opened, 2U);
    EXPECT_EQ(stats.circuit_refusals, 2U);
}

TEST(HttpCircuit, CountsHostsThatNeverAnswer) {
    Mailbox<int> reached;
    ScriptServer const server([&reached](Peer& peer) {
        peer.read();
        reached.put(1);
        peer.wait_for_close();
    });
    TestClient const test({.circuit = {.consecutive_failures = 1}});
    auto const outcome = test.begin(TestClient::request(server.url()));
    reached.take();
    test.advance(30s);
    EXPECT_EQ(reason(outcome->take()), "timed_out");
    EXPECT_EQ(reason(test.get(server.url())), "circuit_open");
}

}  // namespace
}  // namespace nexpo::net

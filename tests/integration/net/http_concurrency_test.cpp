// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "script_server.hpp"
#include "test_client.hpp"

namespace nexpo::net {
namespace {

void welcome(Peer& peer) {
    while (auto const request = peer.read()) {
        if (!peer.answer(200, request->target)) return;
    }
}

TEST(HttpClientConcurrency, AnswersEveryCallerItsOwn) {
    ScriptServer const server(welcome);
    TestClient const test({.max_connections_per_host = 8});
    constexpr int kThreads = 8;
    constexpr int kEach = 100;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&, thread] {
            for (int i = 0; i < kEach; ++i) {
                std::string const path = '/' + std::to_string(thread) + '/' + std::to_string(i);
                auto const response = test.get(server.url(path));
                EXPECT_TRUE(response && response->body == path) << reason(response);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(test.client->stats().responses, static_cast<std::uint64_t>(kThreads * kEach));
    EXPECT_LE(server.connections(), 8);
}

TEST(HttpClientConcurrency, CompletesEachRequestOnceWhateverHappens) {
    ScriptServer const server(welcome);
    for (int round = 0; round < 10; ++round) {
        TestClient const test;
        constexpr int kThreads = 4;
        constexpr int kEach = 50;
        std::atomic<int> completed{0};
        std::latch ready(kThreads + 1);
        std::vector<std::thread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&] {
                ready.arrive_and_wait();
                for (int i = 0; i < kEach; ++i) {
                    std::stop_source stop;
                    auto request = TestClient::request(server.url());
                    request.stop = stop.get_token();
                    test.client->send(request, [&completed](Result<HttpResponse> const& outcome) {
                        auto const how = reason(outcome);
                        EXPECT_TRUE(how == "status 200" || how == "cancelled" || how == "closed") << how;
                        ++completed;
                    });
                    if (i % 2 == 0) stop.request_stop();
                }
            });
        }
        ready.arrive_and_wait();
        if (round % 2 == 0) test.client->wake();
        test.client->close();
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(completed.load(), kThreads * kEach);
        EXPECT_EQ(test.client->stats().under_way, 0U);
    }
}

TEST(HttpResolverConcurrency, AnswersEveryoneUntilItCloses) {
    // The system's resolver, with the one name that needs no server.
    auto const clock = std::make_shared<testing::ManualClock>();
    auto const resolver = system_resolver({}, clock).value();
    constexpr int kThreads = 8;
    std::atomic<int> answered{0};
    std::vector<std::thread> threads;
    std::latch all(kThreads);
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            auto const source = i % 2 == 0 ? UrlSource::user : UrlSource::configuration;
            resolver->resolve("localhost", source, {}, [&](Result<std::vector<IpAddress>> const& addresses) {
                EXPECT_TRUE(addresses && !addresses->empty());
                ++answered;
                all.count_down();
            });
        });
    }
    for (auto& thread : threads) thread.join();
    all.wait();
    EXPECT_EQ(answered.load(), kThreads);
    resolver->close();
    std::string after;
    resolver->resolve("localhost", UrlSource::user, {},
                      [&after](Result<std::vector<IpAddress>> const& addresses) { after = addresses.error().reason; });
    EXPECT_EQ(after, "closed");
}

}  // namespace
}  // namespace nexpo::net

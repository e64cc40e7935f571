// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief What every `Queue` must do, as a suite of GoogleTest for drivers of anybody.
///
/// Include it in one source of a test program and name what is to be tested:
///
///     INSTANTIATE_TEST_SUITE_P(Mine, QueueConformance, testing::Values(nexpo::testing::QueueCase{"mine", open_mine}));
///
/// It takes some leases' time: open the queue with a lease of one or two seconds.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "nexpo/plugin/queue.hpp"

namespace nexpo::inline v1 {

namespace testing {

/// A queue for one test.
struct QueueUnderTest {
    std::shared_ptr<Queue> queue{};           ///< Empty, and used by nobody else.
    std::int64_t max_deliveries = 0;          ///< After so many a message is dead; 0: not known, which skips a test.
    bool tells_lost_acknowledgements = true;  ///< Whether acknowledging after the lease is an error.
    /// Ends all connections to the service. With `false` nobody can connect from then on, until it is called with
    /// `true`. Absent: the tests of connections are skipped.
    std::function<void(bool reachable)> cut{};
    std::chrono::seconds patience{30};  ///< For what must come; longer than all leases and delays here.
};

/// What is tested, by name.
struct QueueCase {
    std::string name{};                      ///< For the output.
    std::function<QueueUnderTest()> open{};  ///< Gives each test a queue of its own.

    /// Prints the name.
    friend std::ostream& operator<<(std::ostream& out, QueueCase const& which) { return out << which.name; }
};

/// The fixture; its tests stand below.
class QueueConformance : public ::testing::TestWithParam<QueueCase> {
 protected:
    /// The clock of all deadlines here.
    using Clock = std::chrono::steady_clock;

    /// Opens the queue.
    void SetUp() override {
        under_test_ = GetParam().open();
        ASSERT_TRUE(under_test_.queue);
    }

    /// The queue.
    Queue& queue() const { return *under_test_.queue; }
    /// What is known about it.
    QueueUnderTest const& about() const { return under_test_; }

    /// Sends what must be accepted.
    void send(std::string body, std::chrono::seconds delay = {}) const {
        QueueMessage const message{.body = std::move(body), .delay = delay};
        auto const results = queue().send({&message, 1});
        ASSERT_EQ(results.size(), 1U);
        ASSERT_TRUE(results.front()) << results.front().error().message;
    }

    /// Receives until there are `count` messages or patience ends.
    std::vector<QueueDelivery> collect(std::size_t count) const {
        std::vector<QueueDelivery> all;
        auto const end = Clock::now() + about().patience;
        while (all.size() < count && Clock::now() < end) {
            auto some = queue().receive(count - all.size(), std::chrono::milliseconds(500), {});
            if (!some) {
                ADD_FAILURE() << some.error().reason << ": " << some.error().message;
                break;
            }
            EXPECT_LE(some->size(), count - all.size());
            for (auto& delivery : *some) all.push_back(std::move(delivery));
        }
        EXPECT_EQ(all.size(), count);
        return all;
    }

    /// Receives one message that must come.
    QueueDelivery one() const {
        auto all = collect(1);
        return all.empty() ? QueueDelivery{} : std::move(all.front());
    }

    /// Nothing comes for `time`.
    void expect_nothing(std::chrono::milliseconds time) const {
        auto const end = Clock::now() + time;
        for (auto now = Clock::now(); now < end; now = Clock::now()) {
            auto some = queue().receive(10, std::chrono::ceil<std::chrono::milliseconds>(end - now), {});
            ASSERT_TRUE(some) << some.error().message;
            ASSERT_TRUE(some->empty()) << "delivered: " << some->front().body;
        }
    }

    /// Acknowledges what is still held.
    void acknowledge(std::vector<QueueDelivery> const& deliveries) const {
        auto const results = queue().acknowledge(deliveries);
        ASSERT_EQ(results.size(), deliveries.size());
        for (auto const& result : results) EXPECT_TRUE(result) << result.error().message;
    }

    /// Repeats what must succeed in the end.
    template <class Try>
    void expect_success_in_time(Try attempt) const {
        auto const end = Clock::now() + about().patience;
        auto done = attempt();
        while (!done && Clock::now() < end) {
            EXPECT_EQ(done.error().reason, "queue_unavailable") << done.error().message;
            done = attempt();
        }
        EXPECT_TRUE(done) << "not in time";
    }

    /// The reason of a failure, empty for a success.
    template <class T>
    static std::string reason(Result<T> const& result) {
        return result ? "" : result.error().reason;
    }

    /// The bodies, sorted.
    static std::multiset<std::string> bodies(std::vector<QueueDelivery> const& deliveries) {
        std::multiset<std::string> all;
        for (auto const& delivery : deliveries) all.insert(delivery.body);
        return all;
    }

 private:
    QueueUnderTest under_test_{};
};

/// @cond implementation

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(QueueConformance);

TEST_P(QueueConformance, StatesItsLimits) {
    auto const limits = queue().limits();
    EXPECT_GE(limits.max_body_bytes, 1024U);
    EXPECT_GE(limits.max_receive, 1U);
    EXPECT_GE(limits.lease, std::chrono::seconds(1));
    EXPECT_EQ(limits, queue().limits());
}

TEST_P(QueueConformance, GivesWhatWasSentAndForgetsWhatIsAcknowledged) {
    send("job_1");
    auto const delivery = one();
    EXPECT_EQ(delivery.body, "job_1");
    EXPECT_EQ(delivery.deliveries, 1);
    EXPECT_FALSE(delivery.receipt.empty());
    acknowledge({delivery});
    expect_nothing(queue().limits().lease + std::chrono::milliseconds(1200));
}

TEST_P(QueueConformance, TakesBatchesOfAnySize) {
    std::vector<QueueMessage> messages;
    std::multiset<std::string> sent;
    for (int number = 0; number < 257; ++number) {
        messages.push_back({.body = "job_" + std::to_string(number)});
        sent.insert(messages.back().body);
    }
    auto const results = queue().send(messages);
    ASSERT_EQ(results.size(), messages.size());
    for (auto const& result : results) ASSERT_TRUE(result) << result.error().message;

    // Acknowledged as they come: a lease may be short.
    std::multiset<std::string> received;
    auto const end = Clock::now() + about().patience;
    while (received.size() < sent.size() && Clock::now() < end) {
        auto some = queue().receive(1000, std::chrono::milliseconds(500), {});
        ASSERT_TRUE(some) << some.error().message;
        EXPECT_LE(some->size(), queue().limits().max_receive);
        received.merge(bodies(*some));
        acknowledge(*some);
    }
    EXPECT_EQ(received, sent);
    EXPECT_TRUE(queue().send({}).empty());
    EXPECT_TRUE(queue().acknowledge({}).empty());
}

TEST_P(QueueConformance, RefusesOnlyWhatIsBadInABatch) {
    auto const limits = queue().limits();
    std::vector<QueueMessage> const messages{
        {.body = "good 1"},
        {.body = ""},
        {.body = std::string(limits.max_body_bytes + 1, 'x')},
        {.body = "early", .delay = std::chrono::seconds(-1)},
        {.body = "late", .delay = limits.max_delay + std::chrono::seconds(1)},
        {.body = "good 2"},
    };
    auto const results = queue().send(messages);
    ASSERT_EQ(results.size(), 6U);
    EXPECT_EQ(reason(results[0]), "");
    EXPECT_EQ(reason(results[1]), "message_empty");
    EXPECT_EQ(reason(results[2]), "message_too_large");
    EXPECT_EQ(reason(results[3]), "delay_too_long");
    EXPECT_EQ(reason(results[4]), "delay_too_long");
    EXPECT_EQ(reason(results[5]), "");
    auto const all = collect(2);
    EXPECT_EQ(bodies(all), (std::multiset<std::string>{"good 1", "good 2"}));
    acknowledge(all);
}

TEST_P(QueueConformance, KeepsAnyBytes) {
    std::string every;
    for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
    std::multiset<std::string> const sent{
        every,  std::string(1, '\0'), "\r\n", "{\"a\":\"\\u0000\"}", "$-1\r\n*0\r\n", " ", "\xf0\x9f\x90\x8c", "%s%n",
        "1:2:3"};
    for (auto const& body : sent) send(body);
    auto const all = collect(sent.size());
    EXPECT_EQ(bodies(all), sent);
    acknowledge(all);
}

TEST_P(QueueConformance, TakesTheLongestBody) {
    std::string const body(queue().limits().max_body_bytes, '<');
    send(body);
    auto const delivery = one();
    EXPECT_TRUE(delivery.body == body) << delivery.body.size();
    acknowledge({delivery});
}

TEST_P(QueueConformance, KeepsTheOrderOfAGroupOrRefusesGroups) {
    std::vector<QueueMessage> messages;
    for (int number = 0; number < 5; ++number) {
        messages.push_back({.body = std::to_string(number), .group = "a group"});
    }
    auto const results = queue().send(messages);
    ASSERT_EQ(results.size(), messages.size());
    if (!queue().limits().groups) {
        for (auto const& result : results) EXPECT_EQ(reason(result), "group_unsupported");
        return;
    }
    for (auto const& result : results) ASSERT_TRUE(result) << result.error().message;
    for (auto const& message : messages) {
        auto const delivery = one();
        EXPECT_EQ(delivery.body, message.body);
        acknowledge({delivery});
    }
}

TEST_P(QueueConformance, WaitsNoLongerThanItIsAskedTo) {
    auto const before = Clock::now();
    auto const none = queue().receive(1, std::chrono::milliseconds(0), {});
    ASSERT_TRUE(none) << none.error().message;
    EXPECT_TRUE(none->empty());
    expect_nothing(std::chrono::milliseconds(300));
    EXPECT_LT(Clock::now() - before, about().patience / 2);
}

TEST_P(QueueConformance, StopEndsAWait) {
    std::stop_source source;
    auto const before = Clock::now();
    std::jthread const stopper([&] {
        // Not before the wait has begun, if that can be had; both orders must work.
        auto const some = queue().receive(1, std::chrono::milliseconds(300), {});
        EXPECT_TRUE(some && some->empty());
        source.request_stop();
    });
    auto const waited = queue().receive(1, std::chrono::minutes(10), source.get_token());
    ASSERT_TRUE(waited) << waited.error().message;
    EXPECT_TRUE(waited->empty());
    EXPECT_LT(Clock::now() - before, about().patience / 2);

    auto const at_once = queue().receive(1, std::chrono::minutes(10), source.get_token());
    ASSERT_TRUE(at_once) << at_once.error().message;
    EXPECT_TRUE(at_once->empty());
}

TEST_P(QueueConformance, WakesWhoWaits) {
    Result<std::vector<QueueDelivery>> woken(std::vector<QueueDelivery>{});
    std::jthread waiter([&] { woken = queue().receive(10, about().patience, {}); });
    send("job_1");
    waiter.join();
    ASSERT_TRUE(woken) << woken.error().message;
    ASSERT_EQ(woken->size(), 1U);
    EXPECT_EQ(woken->front().body, "job_1");
    acknowledge(*woken);
}

TEST_P(QueueConformance, GivesToNobodyElseWhileALeaseLasts) {
    send("a");
    send("b");
    auto const all = collect(2);
    EXPECT_EQ(bodies(all), (std::multiset<std::string>{"a", "b"}));
    expect_nothing(queue().limits().lease / 4);
    acknowledge(all);
}

TEST_P(QueueConformance, DeliversAgainWhenALeaseEnds) {
    send("done");
    send("lost");
    auto all = collect(2);
    ASSERT_EQ(all.size(), 2U);
    if (all[0].body != "done") std::swap(all[0], all[1]);
    acknowledge({all[0]});

    auto const again = one();
    EXPECT_EQ(again.body, "lost");
    EXPECT_GE(again.deliveries, 2);
    EXPECT_NE(again.receipt, all[1].receipt);

    // The lease is another's now: whoever had it can do nothing to it.
    auto late = all[1];
    EXPECT_EQ(reason(queue().extend(late, std::chrono::seconds(10))), "delivery_lost");
    EXPECT_EQ(reason(queue().release(late, std::chrono::seconds(0))), "delivery_lost");
    auto const results = queue().acknowledge({&late, 1});
    ASSERT_EQ(results.size(), 1U);
    if (about().tells_lost_acknowledgements) {
        EXPECT_EQ(reason(results.front()), "delivery_lost");
    }
    acknowledge({again});
    expect_nothing(queue().limits().lease + std::chrono::milliseconds(1200));
}

TEST_P(QueueConformance, AnExtendedLeaseLasts) {
    send("long");
    auto delivery = one();
    auto const lease = queue().limits().lease;
    auto const end = Clock::now() + lease * 2 + std::chrono::milliseconds(500);
    while (Clock::now() < end) {
        auto const lasts = queue().extend(delivery, lease);
        ASSERT_TRUE(lasts) << lasts.error().message;
        EXPECT_GE(*lasts, std::chrono::seconds(1));
        expect_nothing(lease / 4);
    }
    acknowledge({delivery});
}

TEST_P(QueueConformance, AnExtensionMayBeLongerThanALeaseWhereItCanBeChosen) {
    if (!queue().limits().chooses_extension) GTEST_SKIP() << "its leases have one length";
    send("long");
    auto delivery = one();
    auto const lease = queue().limits().lease;
    auto const lasts = queue().extend(delivery, lease * 4);
    ASSERT_TRUE(lasts) << lasts.error().message;
    EXPECT_GE(*lasts, lease * 4);
    expect_nothing(lease * 2);
    acknowledge({delivery});
}

TEST_P(QueueConformance, AReleasedMessageComesAgain) {
    send("again");
    auto const first = one();
    auto const released = queue().release(first, std::chrono::seconds(0));
    ASSERT_TRUE(released) << released.error().message;
    auto const second = one();
    EXPECT_EQ(second.body, "again");
    EXPECT_GE(second.deliveries, 2);
    acknowledge({second});
}

TEST_P(QueueConformance, AReleaseMayBeDelayed) {
    if (queue().limits().max_delay < std::chrono::seconds(2)) GTEST_SKIP() << "it delays nothing";
    send("again");
    auto const first = one();
    auto const before = Clock::now();
    auto const released = queue().release(first, std::chrono::seconds(2));
    ASSERT_TRUE(released) << released.error().message;
    auto const second = one();
    EXPECT_EQ(second.body, "again");
    EXPECT_GE(second.deliveries, 2);
    EXPECT_GE(Clock::now() - before, std::chrono::milliseconds(1900));
    acknowledge({second});
    EXPECT_EQ(reason(queue().release(second, queue().limits().max_delay + std::chrono::seconds(1))), "delay_too_long");
}

TEST_P(QueueConformance, ADelayedMessageComesLater) {
    if (queue().limits().max_delay < std::chrono::seconds(2)) GTEST_SKIP() << "it delays nothing";
    auto const before = Clock::now();
    send("later", std::chrono::seconds(2));
    send("now");
    auto const first = one();
    EXPECT_EQ(first.body, "now");
    acknowledge({first});
    auto const second = one();
    EXPECT_EQ(second.body, "later");
    EXPECT_EQ(second.deliveries, 1);
    EXPECT_GE(Clock::now() - before, std::chrono::milliseconds(1900));
    acknowledge({second});
}

TEST_P(QueueConformance, AMessageThatNobodyFinishesIsDead) {
    if (about().max_deliveries == 0) GTEST_SKIP() << "not known when a message is dead";
    auto const dead = std::dynamic_pointer_cast<QueueDeadLetters>(about().queue);
    send("poison");
    for (std::int64_t number = 1; number <= about().max_deliveries; ++number) {
        auto const delivery = one();
        ASSERT_EQ(delivery.body, "poison");
        EXPECT_EQ(delivery.deliveries, number);
        auto const released = queue().release(delivery, std::chrono::seconds(0));
        ASSERT_TRUE(released) << released.error().message;
    }
    send("healthy");
    auto const next = one();
    EXPECT_EQ(next.body, "healthy");
    acknowledge({next});
    expect_nothing(std::chrono::milliseconds(300));
    if (!dead) GTEST_SKIP() << "it does not show its dead letters";
    std::vector<QueueDeadLetter> letters;
    auto const end = Clock::now() + about().patience;
    while (letters.empty() && Clock::now() < end) {
        auto looked = dead->dead_letters(10);
        ASSERT_TRUE(looked) << looked.error().message;
        letters = std::move(*looked);
    }
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().body, "poison");
    if (letters.front().deliveries != 0) {
        EXPECT_EQ(letters.front().deliveries, about().max_deliveries);
    }
    auto const same = dead->dead_letters(10);
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(same->size(), 1U) << "looking takes nothing";
}

TEST_P(QueueConformance, ReceiptsThatItDidNotGiveAreLost) {
    std::string const receipts[] = {"",
                                    "x",
                                    "1",
                                    ":",
                                    "1:2",
                                    "1:2:3",
                                    "1:2:3:4",
                                    "-1:-1",
                                    "0-0:1",
                                    "\r\n",
                                    std::string(10'000, 'a'),
                                    std::string(3, '\0')};
    for (auto const& receipt : receipts) {
        QueueDelivery delivery{.body = "x", .receipt = receipt};
        EXPECT_FALSE(queue().extend(delivery, std::chrono::seconds(1))) << receipt;
        EXPECT_FALSE(queue().release(delivery, std::chrono::seconds(0))) << receipt;
        EXPECT_EQ(queue().acknowledge({&delivery, 1}).size(), 1U);
    }
    send("unharmed");
    acknowledge({one()});
}

TEST_P(QueueConformance, ConnectsAgain) {
    if (!about().cut) GTEST_SKIP() << "connections cannot be cut";
    send("before");
    about().cut(true);
    expect_success_in_time([&] {
        QueueMessage const message{.body = "after"};
        return queue().send({&message, 1}).front();
    });
    std::set<std::string> received;
    auto const end = Clock::now() + about().patience;
    while (received.size() < 2 && Clock::now() < end) {
        auto some = queue().receive(10, std::chrono::milliseconds(500), {});
        if (!some) {
            EXPECT_EQ(reason(some), "queue_unavailable");
            continue;
        }
        for (auto const& delivery : *some) received.insert(delivery.body);
        acknowledge(*some);
    }
    EXPECT_EQ(received, (std::set<std::string>{"before", "after"}));
}

TEST_P(QueueConformance, SaysThatTheServiceIsGoneUntilItIsBack) {
    if (!about().cut) GTEST_SKIP() << "connections cannot be cut";
    send("kept");
    Result<std::vector<QueueDelivery>> cut_off(std::vector<QueueDelivery>{});
    about().cut(false);
    auto const before = Clock::now();
    QueueMessage const message{.body = "refused"};
    EXPECT_EQ(reason(queue().send({&message, 1}).front()), "queue_unavailable");
    EXPECT_EQ(reason(queue().receive(1, std::chrono::milliseconds(200), {})), "queue_unavailable");
    EXPECT_LT(Clock::now() - before, about().patience);
    about().cut(true);
    expect_success_in_time([&]() -> Result<void> {
        auto some = queue().receive(1, std::chrono::milliseconds(500), {});
        if (!some) return some.error();
        if (some->empty()) return Error{Errc::unavailable, "queue_unavailable", "nothing yet"};
        EXPECT_EQ(some->front().body, "kept");
        return queue().acknowledge(*some).front();
    });
}

TEST_P(QueueConformance, IsUsedByManyThreads) {
    constexpr int kThreads = 4;
    constexpr int kEach = 25;
    std::mutex mutex;
    std::map<std::string, int> received;
    auto const end = Clock::now() + about().patience;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&, thread] {
                for (int number = 0; number < kEach; ++number) {
                    send("job_" + std::to_string(thread) + "_" + std::to_string(number));
                }
            });
            threads.emplace_back([&] {
                while (Clock::now() < end) {
                    auto const some = queue().receive(5, std::chrono::milliseconds(200), {});
                    ASSERT_TRUE(some) << some.error().message;
                    acknowledge(*some);
                    std::scoped_lock const lock(mutex);
                    for (auto const& delivery : *some) ++received[delivery.body];
                    if (received.size() == kThreads * kEach) return;
                }
            });
        }
    }
    EXPECT_EQ(received.size(), std::size_t{kThreads * kEach});
    for (auto const& [body, times] : received) EXPECT_EQ(times, 1) << body;
}

/// @endcond

}  // namespace testing

}  // namespace nexpo::inline v1

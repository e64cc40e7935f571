// SPDX-License-Identifier: Apache-2.0
#include "work/queue_link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <stdexcept>

#include "nexpo/id.hpp"
#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/log.hpp"
#include "work/bell.hpp"

namespace nexpo::work {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// A plugin that does what the test says.
class ScriptedQueue final : public Queue {
 public:
    using Sent = std::function<Result<void>(std::string const&)>;

    QueueLimits limits() const noexcept override { return {.max_body_bytes = 1024, .max_receive = 10}; }

    std::vector<Result<void>> send(std::span<QueueMessage const> messages) override {
        std::unique_lock lock(mutex_);
        ++sends;
        for (auto const& message : messages) sent.push_back(message.body);
        changed_.notify_all();
        changed_.wait(lock, [this] { return !blocked; });
        std::vector<Result<void>> results;
        for (auto const& message : messages) {
            if (on_send) results.push_back(on_send(message.body));
            if (!on_send) results.emplace_back();
        }
        if (too_few) results.clear();
        return results;
    }

    Result<std::vector<QueueDelivery>> receive(std::size_t most, std::chrono::milliseconds wait,
                                               std::stop_token stop) override {
        std::unique_lock lock(mutex_);
        ++receives;
        changed_.notify_all();
        if (on_receive) on_receive();
        if (!empty_at_once) changed_.wait_for(lock, stop, wait, [this] { return !coming.empty(); });
        std::vector<QueueDelivery> deliveries;
        while (!coming.empty() && deliveries.size() < most) {
            deliveries.push_back({.body = coming.front(), .receipt = "r"});
            coming.pop_front();
        }
        return deliveries;
    }

    std::vector<Result<void>> acknowledge(std::span<QueueDelivery const> deliveries) override {
        std::scoped_lock const lock(mutex_);
        for (auto const& delivery : deliveries) acknowledged.push_back(delivery.body);
        changed_.notify_all();
        return std::vector<Result<void>>(deliveries.size(), acknowledgement);
    }

    Result<std::chrono::seconds> extend(QueueDelivery&, std::chrono::seconds lease) override { return lease; }
    Result<void> release(QueueDelivery const&, std::chrono::seconds) override { return {}; }

    void deliver(std::vector<std::string> const& bodies) {
        change([&] { coming.insert(coming.end(), bodies.begin(), bodies.end()); });
    }
    void change(std::function<void()> const& function) {
        std::scoped_lock const lock(mutex_);
        function();
        changed_.notify_all();
    }
    bool comes_true(std::function<bool()> const& condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, condition);
    }

    std::vector<std::string> sent;
    int sends = 0;
    bool blocked = false;
    Sent on_send;
    bool too_few = false;
    std::deque<std::string> coming;
    int receives = 0;
    std::function<void()> on_receive;
    bool empty_at_once = false;
    std::vector<std::string> acknowledged;
    Result<void> acknowledgement{};

 private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
};

class QueueLinkTest : public ::testing::Test {
 protected:
    std::string job() { return make_id("job", clock->now(), *system_random()); }

    bool rings(std::chrono::milliseconds most) {
        auto const before = std::chrono::steady_clock::now();
        bell.wait(most);
        return std::chrono::steady_clock::now() - before < most;
    }

    std::size_t logged(std::string_view text) const {
        auto const lines = log->lines();
        return static_cast<std::size_t>(
            std::ranges::count_if(lines, [&](auto const& line) { return line.find(text) != line.npos; }));
    }

    /// A counter's line, without its number.
    std::string counted(std::string const& name, std::string const& label) const {
        auto const text = metrics.prometheus();
        auto const start = text.find(name + label + ' ');
        if (start == text.npos) return "none";
        auto const from = start + name.size() + label.size() + 1;
        return text.substr(from, text.find('\n', from) - from);
    }

    std::shared_ptr<testing::ManualClock> clock = std::make_shared<testing::ManualClock>();
    std::shared_ptr<testing::MemoryLog> log = std::make_shared<testing::MemoryLog>();
    std::shared_ptr<ScriptedQueue> queue = std::make_shared<ScriptedQueue>();
    telemetry::Metrics metrics;
    Bell bell;
    QueueLink link{queue, [this] { bell.ring(); }, metrics, telemetry::Logger(log, clock)};
};

TEST_F(QueueLinkTest, SendsTheIdsOfDueJobs) {
    link.start(false);
    auto const id = job();
    link.announce(id);
    ASSERT_TRUE(queue->comes_true([this] { return queue->sent.size() == 1; }));
    link.close();
    EXPECT_THAT(queue->sent, ElementsAre(id));
    EXPECT_EQ(queue->receives, 0) << "nobody works here";
    EXPECT_EQ(counted("nexpo_queue_messages_total", R"({outcome="sent"})"), "1");
}

TEST_F(QueueLinkTest, SendsWhereThereIsNoThreadWhenItIsTold) {
    link.announce(job());
    EXPECT_EQ(queue->sends, 0);
    link.send();
    EXPECT_EQ(queue->sends, 1);
    link.send();
    EXPECT_EQ(queue->sends, 1) << "nothing was announced since";
}

TEST_F(QueueLinkTest, FewMessagesStandForManyJobs) {
    queue->blocked = true;
    link.start(false);
    link.announce(job());
    ASSERT_TRUE(queue->comes_true([this] { return queue->sends == 1; }));
    for (int number = 0; number < 10'000; ++number) link.announce(job());
    queue->change([this] { queue->blocked = false; });
    link.close();
    EXPECT_THAT(queue->sent, SizeIs(AllOf(::testing::Ge(2U), ::testing::Le(5U))));
}

TEST_F(QueueLinkTest, SendsTheLastWhenItCloses) {
    link.start(false);
    auto const id = job();
    link.announce(id);
    link.close();
    EXPECT_THAT(queue->sent, ElementsAre(id));
    link.announce(job());
    link.send();
    link.close();
    EXPECT_EQ(queue->sends, 1) << "it is not used afterwards";
}

TEST_F(QueueLinkTest, AFailureIsLoggedOnceAndOverOnce) {
    queue->on_send = [this](std::string const&) -> Result<void> {
        if (queue->sends <= 2) return Error{Errc::unavailable, "queue_unavailable", "no answer"};
        return {};
    };
    link.start(false);
    for (int number = 1; number <= 3; ++number) {
        link.announce(job());
        ASSERT_TRUE(queue->comes_true([&] { return queue->sends == number; }));
    }
    link.close();
    EXPECT_EQ(logged("failed; jobs are found in the database meanwhile"), 1U);
    EXPECT_EQ(logged(R"("reason":"queue_unavailable")"), 1U);
    EXPECT_EQ(logged("works again"), 1U);
    EXPECT_EQ(counted("nexpo_queue_failures_total", R"({call="send"})"), "2");
    EXPECT_EQ(counted("nexpo_queue_messages_total", R"({outcome="not_sent"})"), "2");
    EXPECT_EQ(counted("nexpo_queue_messages_total", R"({outcome="sent"})"), "1");
}

TEST_F(QueueLinkTest, SurvivesWhatAPluginThrows) {
    queue->on_send = [](std::string const&) -> Result<void> { throw std::runtime_error("thrown by send"); };
    queue->on_receive = [] { throw 5; };
    link.start(true);
    link.announce(job());
    ASSERT_TRUE(queue->comes_true([this] { return queue->sends == 1 && queue->receives == 2; }));
    link.close();
    EXPECT_EQ(logged("thrown by send"), 1U);
    EXPECT_EQ(counted("nexpo_queue_failures_total", R"({call="send"})"), "1");
    EXPECT_EQ(logged(R"("call":"receive")"), 1U);
}

TEST_F(QueueLinkTest, MissesAnswersThatDoNotCome) {
    queue->too_few = true;
    link.start(false);
    link.announce(job());
    link.close();
    EXPECT_EQ(logged("queue_answer_invalid"), 1U);
    EXPECT_EQ(counted("nexpo_queue_messages_total", R"({outcome="not_sent"})"), "1");
}

TEST_F(QueueLinkTest, WakesWorkersAndAcknowledges) {
    link.start(true);
    auto const id = job();
    queue->deliver({id});
    EXPECT_TRUE(rings(20s));
    ASSERT_TRUE(queue->comes_true([this] { return queue->acknowledged.size() == 1; }));
    EXPECT_THAT(queue->acknowledged, ElementsAre(id));
    EXPECT_EQ(counted("nexpo_queue_messages_total", R"({outcome="received"})"), "1");
}

TEST_F(QueueLinkTest, TakesDuplicatesAndOldIdsAndManyAtOnce) {
    link.start(true);
    auto const id = job();
    std::vector<std::string> many(500, id);
    many.push_back(job());
    queue->deliver(many);
    EXPECT_TRUE(rings(20s));
    ASSERT_TRUE(queue->comes_true([this] { return queue->acknowledged.size() == 501; }));
    EXPECT_THAT(log->lines(), SizeIs(0));
}

TEST_F(QueueLinkTest, RemovesWhatIsNotOursAndWakesNobodyForIt) {
    link.start(true);
    queue->deliver({"", "x", std::string(3, '\0'), "\xff\xfe", "usr_01h455vb4pex5vsknk084sn02q",
                    std::string(60'000, 'j'), R"({"job":1})", "job_"});
    ASSERT_TRUE(queue->comes_true([this] { return queue->acknowledged.size() == 8; }));
    EXPECT_FALSE(rings(200ms));
    EXPECT_EQ(logged("somebody else's messages"), 1U);
    EXPECT_EQ(counted("nexpo_queue_messages_total", R"({outcome="not_ours"})"), "8");
    queue->deliver({"again"});
    ASSERT_TRUE(queue->comes_true([this] { return queue->acknowledged.size() == 9; }));
    link.close();
    EXPECT_EQ(logged("somebody else's messages"), 1U);
}

TEST_F(QueueLinkTest, AcknowledgementsThatFailChangeNothing) {
    queue->acknowledgement = Error{Errc::unavailable, "queue_unavailable", "no answer"};
    link.start(true);
    for (int number = 0; number < 5; ++number) {
        queue->deliver({job()});
        EXPECT_TRUE(rings(20s));
    }
    link.close();
    EXPECT_EQ(logged(R"("call":"acknowledge")"), 1U);
}

TEST_F(QueueLinkTest, LostLeasesAreNoFailure) {
    queue->acknowledgement = Error{Errc::failed_precondition, "delivery_lost", "late"};
    link.start(true);
    queue->deliver({job()});
    EXPECT_TRUE(rings(20s));
    link.close();
    EXPECT_THAT(log->lines(), SizeIs(0));
}

TEST_F(QueueLinkTest, ClosesWhileItWaitsForWhatNeverComes) {
    link.start(true);
    ASSERT_TRUE(queue->comes_true([this] { return queue->receives == 1; }));
    auto const before = std::chrono::steady_clock::now();
    link.close();
    EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

TEST_F(QueueLinkTest, DoesNotSpinWhenNothingComesAtOnce) {
    queue->empty_at_once = true;
    link.start(true);
    ASSERT_TRUE(queue->comes_true([this] { return queue->receives == 2; }));
    auto const before = std::chrono::steady_clock::now();
    ASSERT_TRUE(queue->comes_true([this] { return queue->receives == 6; }));
    EXPECT_GE(std::chrono::steady_clock::now() - before, 150ms);
}

}  // namespace
}  // namespace nexpo::work

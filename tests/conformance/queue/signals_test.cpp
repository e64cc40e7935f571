// SPDX-License-Identifier: Apache-2.0
// Signals between processes on one SQLite file, over a Redis that CTest starts.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "conformance/queue/servers.hpp"
#include "drivers/signals/registry.hpp"
#include "nexpo/nexpo.hpp"
#include "nexpo/testing/log.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temp_dir.hpp"

namespace nexpo::inline v1::testing {

namespace {

template <class F>
bool eventually(F&& condition) {
    auto const end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
        if (condition()) return true;
        std::this_thread::yield();
    }
    return false;
}

/// A process' signals, and what it has heard of one topic.
class Process {
 public:
    explicit Process(std::uint16_t port, std::string const& name) {
        auto relay = drivers::open_signal_relay("redis://127.0.0.1:" + std::to_string(port) + "?queue=" + name,
                                                system_random(), {});
        signals.set_relay(std::move(relay).value());
        listening_ = signals.listen("work", [this](std::string_view payload) {
            std::lock_guard const lock(mutex_);
            heard_.insert(std::string(payload));
            ++count_;
        });
    }
    ~Process() { signals.close(); }

    bool heard(std::string const& payload) const {
        std::lock_guard const lock(mutex_);
        return heard_.contains(payload);
    }
    std::size_t count() const {
        std::lock_guard const lock(mutex_);
        return count_;
    }

    store::Signals signals;

 private:
    mutable std::mutex mutex_;
    std::multiset<std::string> heard_;
    std::size_t count_ = 0;
    store::Signals::Listening listening_;
};

TEST(RedisSignals, AreHeardByOthersOfTheSameName) {
    auto const name = fresh_name();
    Process sender(port_of("redis"), name);
    Process receiver(port_of("redis"), name);
    Process stranger(port_of("redis"), fresh_name());
    ASSERT_TRUE(eventually([&] { return sender.heard("") && receiver.heard("") && stranger.heard(""); }));
    auto const before = sender.count();
    sender.signals.send("work", "a b");
    ASSERT_TRUE(eventually([&] { return receiver.heard("a b"); }));
    receiver.signals.send("work", "back");
    ASSERT_TRUE(eventually([&] { return sender.heard("back"); }));
    EXPECT_EQ(sender.count(), before + 2) << "its own comes once, from here";
    EXPECT_FALSE(stranger.heard("a b"));
}

TEST(RedisSignals, GoOnWhenTheServerIsThereAgain) {
    auto const proxy = std::make_shared<TcpProxy>(port_of("redis"));
    auto const name = fresh_name();
    Process sender(port_of("redis"), name);
    Process receiver(proxy->port(), name);
    ASSERT_TRUE(eventually([&] { return sender.heard("") && receiver.heard(""); }));
    auto const before = receiver.count();
    proxy->cut(false);
    sender.signals.send("work", "unheard");
    receiver.signals.send("work", "kept");
    proxy->cut(true);
    EXPECT_TRUE(eventually([&] { return receiver.count() > before + 1; })) << "anything may have changed meanwhile";
    EXPECT_TRUE(eventually([&] { return sender.heard("kept"); }));
    EXPECT_TRUE(eventually([&] {
        sender.signals.send("work", "again");
        return receiver.heard("again");
    }));
}

TEST(RedisSignals, ThatNobodyCarriesAreNoFault) {
    Process alone(1, "nobody");
    alone.signals.send("work", "here");
    EXPECT_TRUE(alone.heard("here"));
}

TEST(RedisSignals, CallJobsOffInAnotherProcessOnOneFile) {
    TempDir const folder;
    auto const config = [&, url = "redis://127.0.0.1:" + std::to_string(port_of("redis")) + "?queue=" + fresh_name()] {
        Config made;
        made.database = "sqlite:" + folder.file("shared.db");
        made.work.signals = Secret(url);
        made.work.lease_seconds = 3'600;  // the lease is renewed, and so looked at, every twenty minutes
        return made;
    };
    std::atomic<bool> runs = false;
    auto working_config = config();
    working_config.jobs.add<Empty, Empty>({.name = "task.wait"}, [&](JobRun& run, Empty const&) -> Reply<Empty> {
        runs = true;
        eventually([&] { return run.stop_requested(); });
        return Error{Errc::cancelled, "stopped", ""};
    });
    auto serving_config = config();
    serving_config.threads.jobs = 0;
    serving_config.jobs.add<Empty, Empty>({.name = "task.wait"},
                                          [](JobRun&, Empty const&) -> Reply<Empty> { return Empty{}; });
    serving_config.operations.add<Empty, Empty>(
        {.info = {.name = "tasks.start", .kind = OperationKind::mutation, .permission = "tasks:write"},
         .handler = [](Call& call, Empty const&) -> Reply<Empty> {
             return call.write([](Transaction& tx) -> Result<Empty> {
                 auto queued = tx.enqueue("task.wait", Empty{}, {});
                 if (!queued) return std::move(queued).error();
                 return Empty{};
             });
         }});
    auto const working = Backend::open(std::move(working_config)).value();
    auto const serving = Backend::open(std::move(serving_config)).value();
    auto const acme = serving.as_system("acme");
    ASSERT_TRUE(acme.call<Empty>("tasks.start", Empty{}));
    ASSERT_TRUE(eventually([&] { return runs.load(); }));
    auto const id = acme.jobs().list({})->items.at(0).id;
    ASSERT_TRUE(acme.jobs().cancel({.id = id}));
    EXPECT_TRUE(eventually([&] { return acme.jobs().get({.id = id})->state == JobState::cancelled; }));
}

TEST(RedisSignals, AreRefusedByUrl) {
    Config config;
    config.database = "sqlite:never.db";
    for (auto const* url : {"redis//nothing", "nats://host", "redis://host?colour=red"}) {
        config.work.signals = Secret(url);
        auto const checked = check_config(config);
        ASSERT_FALSE(checked) << url;
        EXPECT_EQ(checked.error().violations.at(0).field, "/work/signals");
    }
}

}  // namespace

}  // namespace nexpo::inline v1::testing

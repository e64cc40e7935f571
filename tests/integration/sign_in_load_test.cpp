// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>
#include <thread>

#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using ::testing::HasSubstr;
using testing::TestBackend;

/// Holds the thread that hashes passwords until it is told to go on: the hasher measures its time by this clock.
class HoldingClock final : public Clock {
 public:
    Timestamp now() const override { return clock_.now(); }

    std::chrono::steady_clock::time_point steady_now() const override {
        std::unique_lock lock(mutex_);
        if (armed_ && !callers_.contains(std::this_thread::get_id())) {
            armed_ = false;
            held_ = true;
            changed_.notify_all();
            changed_.wait(lock, [this] { return !held_; });
        }
        return clock_.steady_now();
    }

    /// This thread makes calls and is never held.
    void spare_this_thread() {
        std::lock_guard const lock(mutex_);
        callers_.insert(std::this_thread::get_id());
    }
    void arm() {
        std::lock_guard const lock(mutex_);
        armed_ = true;
    }
    void wait_until_held() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return held_; });
    }
    void release() {
        std::lock_guard const lock(mutex_);
        held_ = false;
        changed_.notify_all();
    }

 private:
    testing::ManualClock clock_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    mutable bool armed_ = false;
    mutable bool held_ = false;
    std::set<std::thread::id> callers_;
};

TEST(SignInLoad, BeyondTheCapacityIsRefusedWhileOtherCallsGoOn) {
    TestBackend const directory_only([](Config& config) { config.threads.hash = 1; });
    auto const clock = std::make_shared<HoldingClock>();
    clock->spare_this_thread();
    auto config = directory_only.config([](Config& adjusted) {
        adjusted.threads.hash = 1;
        adjusted.auth.hash_queue = 0;
        adjusted.auth.hash_memory_mib = 19;
    });
    config.clock = clock;
    auto const backend = Backend::open(config).value();
    auto const auth = backend.as_anonymous().auth();
    auto const tokens = auth.sign_up({.email = "ada@example.com", .password = "correct horse"}).value();
    auto const api = backend.authenticate(Secret(tokens.access_token)).value();
    Login const login{.email = "ada@example.com", .password = "correct horse"};

    clock->arm();
    auto held = std::async(std::launch::async, [&] {
        clock->spare_this_thread();
        return auth.login(login);
    });
    clock->wait_until_held();

    for (auto const& refused : {auth.login(login), auth.login({.email = "bob@example.com", .password = "any horse"}),
                                auth.sign_up({.email = "cleo@example.com", .password = "cleos horse"})}) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::resource_exhausted);
        EXPECT_EQ(refused.error().reason, "sign_in_busy");
        ASSERT_TRUE(refused.error().retry_after);
        EXPECT_GT(*refused.error().retry_after, std::chrono::milliseconds(0));
    }
    EXPECT_TRUE(api.users().me());
    EXPECT_TRUE(api.users().create({.email = "dora@example.com"}));
    EXPECT_TRUE(auth.refresh({.refresh_token = Secret(tokens.refresh_token)}));
    auto const metrics = backend.metrics();
    EXPECT_THAT(metrics, HasSubstr("nexpo_password_hashes_running 1"));
    EXPECT_THAT(metrics, HasSubstr("nexpo_password_hash_memory_bytes " + std::to_string(19 << 20)));

    clock->release();
    EXPECT_TRUE(held.get());
    EXPECT_TRUE(auth.login(login)) << "there is room again";
    EXPECT_THAT(backend.metrics(), HasSubstr("nexpo_password_hash_memory_bytes 0"));
}

TEST(SignInLoad, WaitsInTheQueueUpToItsLength) {
    TestBackend const directory_only;
    auto const clock = std::make_shared<HoldingClock>();
    clock->spare_this_thread();
    auto config = directory_only.config([](Config& adjusted) {
        adjusted.threads.hash = 1;
        adjusted.auth.hash_queue = 2;
    });
    config.clock = clock;
    auto const backend = Backend::open(config).value();
    auto const auth = backend.as_anonymous().auth();
    ASSERT_TRUE(auth.sign_up({.email = "ada@example.com", .password = "correct horse"}));
    auto const login = [&] {
        clock->spare_this_thread();
        return auth.login({.email = "ada@example.com", .password = "correct horse"});
    };

    clock->arm();
    std::vector<std::future<Result<Tokens>>> accepted;
    accepted.push_back(std::async(std::launch::async, login));
    clock->wait_until_held();
    for (int queued = 1; queued <= 2; ++queued) {
        accepted.push_back(std::async(std::launch::async, login));
        auto const line = "nexpo_password_hashes_queued " + std::to_string(queued);
        while (backend.metrics().find(line) == std::string::npos) std::this_thread::yield();
    }
    EXPECT_EQ(login().error().reason, "sign_in_busy");
    clock->release();
    for (auto& each : accepted) EXPECT_TRUE(each.get());
}

TEST(SignInLoad, ClosingLetsThoseFinishWhoWait) {
    TestBackend const directory_only;
    auto const clock = std::make_shared<HoldingClock>();
    clock->spare_this_thread();
    auto config = directory_only.config([](Config& adjusted) { adjusted.threads.hash = 1; });
    config.clock = clock;
    auto const backend = Backend::open(config).value();
    auto const auth = backend.as_anonymous().auth();
    ASSERT_TRUE(auth.sign_up({.email = "ada@example.com", .password = "correct horse"}));
    auto const login = [&] {
        clock->spare_this_thread();
        return auth.login({.email = "ada@example.com", .password = "correct horse"});
    };
    clock->arm();
    auto running = std::async(std::launch::async, login);
    clock->wait_until_held();
    auto waiting = std::async(std::launch::async, login);
    while (backend.metrics().find("nexpo_password_hashes_queued 1") == std::string::npos) std::this_thread::yield();
    auto closing = std::async(std::launch::async, [&] {
        clock->spare_this_thread();
        backend.close();
    });
    while (backend.health().ok) std::this_thread::yield();
    clock->release();
    closing.get();
    EXPECT_TRUE(running.get());
    EXPECT_TRUE(waiting.get());
    EXPECT_EQ(login().error().code, Errc::unavailable);
}

}  // namespace

}  // namespace nexpo

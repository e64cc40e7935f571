// SPDX-License-Identifier: Apache-2.0
#include "crypto/password_hasher.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace nexpo::crypto {
namespace {

using std::chrono::milliseconds;

constexpr Argon2Parameters kCheap{.memory_kib = 64, .iterations = 1, .lanes = 1};
constexpr std::size_t kCheapBytes = 64 * 1024;

/// The workers read the clock before and after each hash: a gate at the first reading holds them as long as a test
/// wants, without any waiting for time to pass. Each hash takes 40 ms by this clock.
class GateClock final : public Clock {
 public:
    Timestamp now() const override { return {}; }

    std::chrono::steady_clock::time_point steady_now() const override {
        thread_local bool running = false;
        running = !running;
        std::unique_lock lock(mutex_);
        if (running) open_changed_.wait(lock, [this] { return open_; });
        return std::chrono::steady_clock::time_point(running ? milliseconds(0) : milliseconds(40));
    }

    void set_open(bool open) {
        std::lock_guard const lock(mutex_);
        open_ = open;
        open_changed_.notify_all();
    }

 private:
    mutable std::mutex mutex_;
    mutable std::condition_variable open_changed_;
    bool open_ = true;
};

PasswordHasherOptions cheap(std::size_t threads, std::size_t queue) {
    return {.threads = threads,
            .memory_budget_bytes = threads * kCheapBytes,
            .queue = queue,
            .parameters = kCheap,
            .limits = {.memory_kib = 256, .iterations = 4, .lanes = 2}};
}

std::unique_ptr<PasswordHasher> make(PasswordHasherOptions const& options,
                                     std::shared_ptr<Clock> clock = std::make_shared<GateClock>()) {
    return PasswordHasher::create(options, system_random(), std::move(clock)).value();
}

void wait_for(PasswordHasher const& hasher, std::size_t running, std::size_t queued) {
    for (;;) {
        auto const stats = hasher.stats();
        if (stats.running == running && stats.queued == queued) return;
        std::this_thread::yield();
    }
}

TEST(PasswordHasher, VerifiesWhatItHashed) {
    auto const hasher = make(cheap(2, 4));
    auto const encoded = hasher->hash(Secret("correct horse")).value();
    EXPECT_TRUE(encoded.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << encoded;
    EXPECT_TRUE(hasher->verify(Secret("correct horse"), encoded).value());
    EXPECT_FALSE(hasher->verify(Secret("correct horsf"), encoded).value());
    EXPECT_FALSE(hasher->verify(Secret(""), encoded).value());
    EXPECT_NE(hasher->hash(Secret("correct horse")).value(), encoded) << "each hash has its own salt";
}

TEST(PasswordHasher, TakesAnyBytesOfAPassword) {
    auto const hasher = make(cheap(1, 1));
    for (auto const& text :
         {std::string(), std::string("nul\0a", 5), std::string(1024, 'p'), std::string("\xff\xfe")}) {
        auto const encoded = hasher->hash(text).value();
        EXPECT_TRUE(hasher->verify(text, encoded).value());
        EXPECT_FALSE(hasher->verify(text + "x", encoded).value());
    }
    auto const encoded = hasher->hash(std::string("nul\0a", 5)).value();
    EXPECT_FALSE(hasher->verify(std::string("nul\0b", 5), encoded).value());
}

TEST(PasswordHasher, HashesAtTheConfiguredCostByDefault) {
    auto const hasher = make({.threads = 1});
    auto const encoded = hasher->hash(Secret("password")).value();
    EXPECT_TRUE(encoded.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << encoded;
    EXPECT_TRUE(hasher->verify(Secret("password"), encoded).value());
    EXPECT_TRUE(hasher
                    ->verify(Secret("password"),
                             "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
                             "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
                    .value())
        << "a vector of the reference implementation";
}

TEST(PasswordHasher, StillVerifiesAfterTheCostWasRaised) {
    auto const before = make(cheap(1, 1));
    auto const encoded = before->hash(Secret("password")).value();
    EXPECT_FALSE(before->needs_rehash(encoded));
    auto options = cheap(1, 1);
    options.parameters = {.memory_kib = 128, .iterations = 2, .lanes = 1};
    options.memory_budget_bytes = std::size_t{128} * 1024;
    auto const after = make(options);
    EXPECT_TRUE(after->verify(Secret("password"), encoded).value());
    EXPECT_TRUE(after->needs_rehash(encoded));
    EXPECT_TRUE(after->needs_rehash("garbage"));
    EXPECT_FALSE(after->needs_rehash(after->hash(Secret("password")).value()));
}

TEST(PasswordHasher, RefusesStoredHashesBeyondItsLimits) {
    auto const hasher = make(cheap(1, 1));
    for (auto const* cost : {"m=65,t=1,p=1", "m=4194304,t=1,p=1", "m=64,t=5,p=1", "m=64,t=1,p=3"}) {
        auto const result =
            hasher->verify(Secret("password"), "$argon2id$v=19$" + std::string(cost) +
                                                   "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
        ASSERT_FALSE(result) << cost;
        EXPECT_EQ(result.error().code, Errc::failed_precondition) << cost;
    }
    auto const damaged = hasher->verify(Secret("password"), "$argon2id$garbage");
    ASSERT_FALSE(damaged);
    EXPECT_EQ(damaged.error().code, Errc::data_loss);
    EXPECT_EQ(hasher->stats().completed, 0u) << "none of them was computed";
}

TEST(PasswordHasher, SpendsAFullHashOnTheDummy) {
    auto const hasher = make(cheap(1, 1));
    for (auto const* password : {"", "password", "dummy"}) {
        EXPECT_FALSE(hasher->verify(Secret(password), hasher->dummy_hash()).value());
    }
    EXPECT_EQ(hasher->stats().completed, 3u);
    EXPECT_FALSE(hasher->needs_rehash(hasher->dummy_hash())) << "it costs what a real one costs";
    EXPECT_NE(make(cheap(1, 1))->dummy_hash(), hasher->dummy_hash());
}

TEST(PasswordHasher, StartsNoMoreWorkersThanTheBudgetAllows) {
    struct Case {
        std::size_t threads;
        std::size_t budget;
        std::size_t workers;
    };
    for (auto const& test : {Case{1, kCheapBytes, 1}, Case{4, 2 * kCheapBytes, 2}, Case{4, 3 * kCheapBytes - 1, 2},
                             Case{2, 100 * kCheapBytes, 2}, Case{0, kCheapBytes, 1}}) {
        auto options = cheap(test.threads, 1);
        options.memory_budget_bytes = test.budget;
        EXPECT_EQ(make(options)->stats().workers, test.workers) << test.threads << " " << test.budget;
    }
}

TEST(PasswordHasher, RefusesImpossibleOptions) {
    auto small = cheap(1, 1);
    small.memory_budget_bytes = kCheapBytes - 1;
    auto none = cheap(1, 1);
    none.memory_budget_bytes = 0;
    auto unsound = cheap(1, 1);
    unsound.parameters.iterations = 0;
    auto beyond = cheap(1, 1);
    beyond.parameters.iterations = 5;
    for (auto const& options : {small, none, unsound, beyond}) {
        auto const hasher = PasswordHasher::create(options, system_random(), std::make_shared<GateClock>());
        ASSERT_FALSE(hasher);
        EXPECT_EQ(hasher.error().code, Errc::invalid_argument);
    }
}

TEST(PasswordHasher, TurnsTheSurplusAwayAtOnce) {
    auto const clock = std::make_shared<GateClock>();
    auto const hasher = make(cheap(2, 3), clock);
    ASSERT_TRUE(hasher->hash(Secret("password")));  // Measures the mean: 40 ms.
    clock->set_open(false);
    std::vector<std::future<Result<std::string>>> admitted;
    for (int i = 0; i < 5; ++i) {
        admitted.push_back(std::async(std::launch::async, [&] { return hasher->hash(Secret("password")); }));
    }
    wait_for(*hasher, 2, 3);
    for (int i = 0; i < 10; ++i) {
        auto const refused = hasher->hash(Secret("password"));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::resource_exhausted);
        EXPECT_EQ(refused.error().reason, "sign_in_busy");
        // Three wait before this one, two workers, 40 ms each.
        EXPECT_EQ(refused.error().retry_after, milliseconds(80));
    }
    EXPECT_FALSE(hasher->verify(Secret("password"), hasher->dummy_hash()));
    auto stats = hasher->stats();
    EXPECT_EQ(stats.refused, 11u);
    EXPECT_EQ(stats.memory_bytes, 2 * kCheapBytes);
    clock->set_open(true);
    for (auto& result : admitted) EXPECT_TRUE(result.get());
    wait_for(*hasher, 0, 0);
    stats = hasher->stats();
    EXPECT_EQ(stats.completed, 6u);
    EXPECT_EQ(stats.memory_bytes, 0u);
    EXPECT_EQ(stats.peak_memory_bytes, 2 * kCheapBytes);
    EXPECT_TRUE(hasher->hash(Secret("password"))) << "it recovers";
}

TEST(PasswordHasher, WithoutAQueueStillUsesItsWorkers) {
    auto const clock = std::make_shared<GateClock>();
    auto const hasher = make(cheap(1, 0), clock);
    clock->set_open(false);
    auto first = std::async(std::launch::async, [&] { return hasher->hash(Secret("password")); });
    wait_for(*hasher, 1, 0);
    auto const refused = hasher->hash(Secret("password"));
    ASSERT_FALSE(refused);
    ASSERT_TRUE(refused.error().retry_after);
    EXPECT_GE(*refused.error().retry_after, milliseconds(1)) << "also before any hash was measured";
    clock->set_open(true);
    EXPECT_TRUE(first.get());
}

TEST(PasswordHasher, AnswersWaitingCallersWhenItCloses) {
    auto const clock = std::make_shared<GateClock>();
    auto hasher = make(cheap(1, 4), clock);
    clock->set_open(false);
    auto running = std::async(std::launch::async, [&] { return hasher->hash(Secret("password")); });
    wait_for(*hasher, 1, 0);
    std::vector<std::future<Result<std::string>>> waiting;
    for (int i = 0; i < 3; ++i) {
        waiting.push_back(std::async(std::launch::async, [&] { return hasher->hash(Secret("password")); }));
    }
    wait_for(*hasher, 1, 3);
    auto closing = std::async(std::launch::async, [&] { hasher->close(); });
    for (auto& result : waiting) {
        auto const answer = result.get();
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, Errc::unavailable);
    }
    auto const late = hasher->hash(Secret("password"));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::unavailable);
    clock->set_open(true);
    closing.get();
    EXPECT_TRUE(running.get()) << "what runs is finished";
    hasher->close();
    hasher.reset();
}

TEST(PasswordHasher, HoldsItsBudgetUnderManyCallers) {
    auto const hasher = make(cheap(3, 8));
    auto const encoded = hasher->hash(Secret("password")).value();
    std::atomic<int> good = 0;
    std::atomic<int> busy = 0;
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 24; ++i) {
            callers.emplace_back([&, right = i % 2 == 0] {
                for (int round = 0; round < 20; ++round) {
                    auto const result = hasher->verify(Secret(right ? "password" : "Password"), encoded);
                    if (!result) {
                        ++(result.error().reason == "sign_in_busy" ? busy : wrong);
                    } else {
                        ++(*result == right ? good : wrong);
                    }
                }
            });
        }
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(good + busy, 24 * 20);
    auto const stats = hasher->stats();
    EXPECT_EQ(stats.completed, static_cast<std::uint64_t>(good) + 1);
    EXPECT_EQ(stats.refused, static_cast<std::uint64_t>(busy));
    EXPECT_LE(stats.peak_memory_bytes, 3 * kCheapBytes);
    EXPECT_EQ(stats.memory_bytes, 0u);
}

}  // namespace
}  // namespace nexpo::crypto

// SPDX-License-Identifier: Apache-2.0
#include "work/prefetch.hpp"

#include <gtest/gtest.h>

namespace nexpo::work {
namespace {

using namespace std::chrono_literals;

std::size_t after_many(std::chrono::nanoseconds time) {
    Prefetch prefetch;
    for (int i = 0; i < 200; ++i) prefetch.ran(time);
    return prefetch.per_thread();
}

TEST(Prefetch, TakesAsManyAsTakeATenthOfASecond) {
    EXPECT_EQ(after_many(0ns), 256U);
    EXPECT_EQ(after_many(1us), 256U);
    EXPECT_NEAR(static_cast<double>(after_many(2ms)), 50, 2);
    EXPECT_EQ(after_many(200ms), 1U);
    EXPECT_EQ(after_many(1h), 1U);
    EXPECT_EQ(after_many(-1s), 256U) << "a clock that goes wrong";
}

TEST(Prefetch, BeginsWithFewAndTakesOneAtATimeOnceItWasWrong) {
    Prefetch prefetch;
    EXPECT_EQ(prefetch.per_thread(), 10U);
    prefetch.stalled();
    EXPECT_EQ(prefetch.per_thread(), 1U);
    for (int i = 0; i < 200; ++i) prefetch.ran(1us);
    EXPECT_EQ(prefetch.per_thread(), 256U) << "and learns";
}

}  // namespace
}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#include "net/timers.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo::net {
namespace {

using namespace std::chrono_literals;

TEST(Timers, CallWhatIsDueInItsOrder) {
    Timers timers;
    Timers::Time const start{1h};
    std::string called;
    EXPECT_FALSE(timers.next());
    timers.add(start + 2s, [&] { called += 'b'; });
    timers.add(start + 1s, [&] { called += 'a'; });
    auto const never = timers.add(start + 1s, [&] { called += 'x'; });
    timers.add(start + 3s, [&] {
        called += 'c';
        timers.add(start + 3s, [&] { called += 'd'; });
        timers.add(start + 4s, [&] { called += 'e'; });
    });
    timers.cancel(never);
    EXPECT_EQ(timers.next(), start + 1s);
    timers.run(start);
    EXPECT_EQ(called, "");
    timers.run(start + 3s);
    EXPECT_EQ(called, "abcd");
    EXPECT_EQ(timers.next(), start + 4s);
}

}  // namespace
}  // namespace nexpo::net

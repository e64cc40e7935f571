// SPDX-License-Identifier: Apache-2.0
#include "base/function_ref.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace nexpo::base {
namespace {

int twice(int value) {
    return 2 * value;
}

int apply(FunctionRef<int(int)> function, int value) {
    return function(value);
}

TEST(FunctionRef, CallsFunctionsLambdasAndConstObjects) {
    int calls = 0;
    EXPECT_EQ(apply(twice, 4), 8);
    EXPECT_EQ(apply(&twice, 4), 8);
    EXPECT_EQ(apply([&calls](int value) { return value + ++calls; }, 4), 5);
    auto const constant = [](int value) { return value; };
    EXPECT_EQ(apply(constant, 4), 4);
    auto counting = [count = 0](int value) mutable { return count += value; };
    apply(counting, 3);
    EXPECT_EQ(apply(counting, 3), 6);
}

TEST(FunctionRef, PassesArgumentsThrough) {
    auto take = [](std::unique_ptr<int> value, std::string& out) { out = std::to_string(*value); };
    FunctionRef<void(std::unique_ptr<int>, std::string&)> const reference = take;
    std::string out;
    reference(std::make_unique<int>(5), out);
    EXPECT_EQ(out, "5");
}

}  // namespace
}  // namespace nexpo::base

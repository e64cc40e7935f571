// SPDX-License-Identifier: Apache-2.0
#include "net/gate.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace nexpo::net {
namespace {

using Turns = std::vector<Gate::Turn>;

TEST(Gate, LetsSoManyInPerPeer) {
    Gate gate(10, 2);
    EXPECT_TRUE(gate.enter("a", 1));
    EXPECT_TRUE(gate.enter("a", 2));
    EXPECT_FALSE(gate.enter("a", 3));
    EXPECT_FALSE(gate.enter("a", 4));
    EXPECT_TRUE(gate.enter("b", 5)) << "others do not wait for them";
    EXPECT_EQ(gate.leave("b"), Turns{});
    EXPECT_EQ(gate.leave("a"), (Turns{{"a", 3}}));
    EXPECT_EQ(gate.leave("a"), (Turns{{"a", 4}}));
    EXPECT_EQ(gate.leave("a"), Turns{});
    EXPECT_EQ(gate.leave("a"), Turns{});
    EXPECT_TRUE(gate.enter("a", 6));
}

TEST(Gate, GivesPeersTheirTurns) {
    Gate gate(1, 1);
    EXPECT_TRUE(gate.enter("a", 1));
    for (Gate::Id id = 2; id < 5; ++id) EXPECT_FALSE(gate.enter("a", id));
    EXPECT_FALSE(gate.enter("b", 10));
    EXPECT_FALSE(gate.enter("b", 11));
    EXPECT_FALSE(gate.enter("c", 20));
    // Who asked first, then the one who comes back to the end of the line.
    EXPECT_EQ(gate.leave("a"), (Turns{{"b", 10}}));
    EXPECT_EQ(gate.leave("b"), (Turns{{"c", 20}}));
    EXPECT_EQ(gate.leave("c"), (Turns{{"a", 2}}));
    EXPECT_EQ(gate.leave("a"), (Turns{{"b", 11}}));
    EXPECT_EQ(gate.leave("b"), (Turns{{"a", 3}}));
    EXPECT_EQ(gate.leave("a"), (Turns{{"a", 4}}));
    EXPECT_EQ(gate.leave("a"), Turns{});
}

}  // namespace
}  // namespace nexpo::net

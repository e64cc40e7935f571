// SPDX-License-Identifier: Apache-2.0
#include "grpc/peer_address.hpp"

#include <gtest/gtest.h>

namespace nexpo::grpc_host {

namespace {

TEST(PeerAddress, IsTheAddressAlone) {
    EXPECT_EQ(peer_address("ipv4:192.0.2.1:50051"), "192.0.2.1");
    EXPECT_EQ(peer_address("ipv6:%5B2001:db8::1%5D:50051"), "2001:db8::1");
    EXPECT_EQ(peer_address("ipv6:[2001:db8::1]:50051"), "2001:db8::1");
    EXPECT_EQ(peer_address("ipv6:%5Bfe80::1%25eth0%5D:5"), "fe80::1");
    EXPECT_EQ(peer_address("ipv6:%5B::ffff:192.0.2.1%5D:50051"), "192.0.2.1");
    EXPECT_EQ(peer_address("unix:/run/x"), "");
    EXPECT_EQ(peer_address(""), "");
}

}  // namespace

}  // namespace nexpo::grpc_host

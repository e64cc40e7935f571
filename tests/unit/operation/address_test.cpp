// SPDX-License-Identifier: Apache-2.0
#include "operation/address.hpp"

#include <gtest/gtest.h>

namespace nexpo::operation {

namespace {

TEST(LimitKey, CountsIpv4ClientsOneByOneAndIpv6ClientsByNetwork) {
    EXPECT_EQ(limit_key("192.0.2.1"), "192.0.2.1");
    EXPECT_NE(limit_key("192.0.2.1"), limit_key("192.0.2.2"));
    EXPECT_EQ(limit_key("2001:db8:1:2::1"), limit_key("2001:0db8:0001:0002:ffff:ffff:ffff:ffff"));
    EXPECT_NE(limit_key("2001:db8:1:2::1"), limit_key("2001:db8:1:3::1"));
    EXPECT_EQ(limit_key("fe80::1%eth0"), limit_key("fe80::2%eth1"));
    EXPECT_EQ(limit_key("::ffff:192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(limit_key("nonsense"), "nonsense");
    EXPECT_EQ(limit_key(""), "");
}

}  // namespace

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#include "net/address_guard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo::net {
namespace {

IpAddress address(char const* text) {
    return IpAddress::parse(text).value();
}

TEST(IpAddress, ReadsAndPrintsAddresses) {
    EXPECT_EQ(address("192.0.2.1").to_string(), "192.0.2.1");
    EXPECT_EQ(address("2001:DB8:0:0::1").to_string(), "2001:db8::1");
    for (auto const* const text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "0x7f.1", "::1%lo", "[::1]",
                                   " ::1", "localhost", "::ffff:1.2.3"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
    EXPECT_FALSE(IpAddress::parse(std::string_view("127.0.0.1\0", 10)));
}

TEST(IpNetwork, ContainsWhatSharesItsPrefix) {
    struct Case {
        char const* network;
        char const* address;
        bool contains;
    };
    for (auto const& [network, text, contains] : {
             Case{"10.0.0.0/8", "10.255.255.255", true},
             Case{"10.0.0.0/8", "11.0.0.0", false},
             Case{"172.16.0.0/12", "172.31.255.255", true},
             Case{"172.16.0.0/12", "172.32.0.0", false},
             Case{"0.0.0.0/0", "255.255.255.255", true},
             Case{"0.0.0.0/0", "::", false},
             Case{"192.0.2.7", "192.0.2.7", true},
             Case{"192.0.2.7/32", "192.0.2.6", false},
             Case{"2001:db8::/33", "2001:db8:7fff::", true},
             Case{"2001:db8::/33", "2001:db8:8000::", false},
             Case{"::1/128", "::1", true},
             Case{"::1", "::2", false},
         }) {
        EXPECT_EQ(IpNetwork::parse(network).value().contains(address(text)), contains) << network << ' ' << text;
    }
    for (auto const* const text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/+8",
                                   "10.0.0.1/8", "::/129", "10.0.0.0/8/8"}) {
        EXPECT_FALSE(IpNetwork::parse(text)) << text;
    }
}

TEST(AddressGuard, KnowsThePublicInternet) {
    for (auto const* const text : {"1.1.1.1",           "8.8.8.8",         "9.255.255.255",
                                   "11.0.0.0",          "93.184.216.34",   "100.63.255.255",
                                   "100.128.0.0",       "126.255.255.255", "128.0.0.0",
                                   "169.253.255.255",   "169.255.0.0",     "172.15.255.255",
                                   "172.32.0.0",        "192.0.1.0",       "192.167.255.255",
                                   "192.169.0.0",       "198.17.255.255",  "198.20.0.0",
                                   "223.255.255.255",   "2001:200::1",     "2606:4700:4700::1111",
                                   "2a00:1450:4001::1", "64:ff9b::8.8.8.8"}) {
        EXPECT_TRUE(is_public(address(text))) << text;
    }
}

TEST(AddressGuard, KnowsWhatIsNotPublic) {
    for (auto const* const text :
         {"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255",
          "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "172.16.0.0",
          "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
          "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.0",
          "255.255.255.255",
          // RFC 4291, and embedded IPv4 addresses of all kinds
          "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1",
          "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:db8::1",
          "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254",
          "fd20:ce::254", "fe80::1", "fec0::1", "ff02::1"}) {
        EXPECT_FALSE(is_public(address(text))) << text;
    }
}

TEST(AddressGuard, AllowsWhatTheOperatorNames) {
    auto const guard = AddressGuard::create({"10.1.0.0/16", "fd00::/8"}, {"Hooks.Internal"}).value();
    EXPECT_TRUE(guard.allows("any.test", address("8.8.8.8")));
    EXPECT_TRUE(guard.allows("any.test", address("10.1.2.3")));
    EXPECT_TRUE(guard.allows("any.test", address("fd00::1")));
    EXPECT_FALSE(guard.allows("any.test", address("10.2.0.0")));
    EXPECT_TRUE(guard.allows("hooks.internal", address("10.2.0.0")));
    EXPECT_FALSE(guard.allows("not.hooks.internal", address("10.2.0.0")));
    EXPECT_FALSE(guard.allows("hooks.internal.test", address("10.2.0.0")));
    EXPECT_EQ(AddressGuard::create({"everything"}, {}).error().reason, "network_invalid");
}

}  // namespace
}  // namespace nexpo::net

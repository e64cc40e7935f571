// SPDX-License-Identifier: Apache-2.0
#include "http/network.hpp"

#include <gtest/gtest.h>

namespace nexpo::http_host {

TEST(IpAddress, ReadsEveryFormAndWritesOne) {
    struct {
        char const* text;
        char const* expected;
    } const cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::FFFF:c000:201", "192.0.2.1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"::1", "::1"},
        {"::", "::"},
        {"0.0.0.0", "0.0.0.0"},
    };
    for (auto const& [text, expected] : cases) {
        auto const address = IpAddress::parse(text);
        ASSERT_TRUE(address.has_value()) << text;
        EXPECT_EQ(address->text(), expected);
    }
}

TEST(IpAddress, RefusesWhatIsNone) {
    for (std::string_view const text :
         {std::string_view(""), std::string_view("1.2.3"), std::string_view("1.2.3.4.5"), std::string_view("256.0.0.1"),
          std::string_view("1.2.3.4:80"), std::string_view("[::1]"), std::string_view("fe80::1%eth0"),
          std::string_view("01.2.3.4"), std::string_view("0x7f.0.0.1"), std::string_view("2130706433"),
          std::string_view(" 1.2.3.4"), std::string_view("1.2.3.4\0", 8), std::string_view("localhost"),
          std::string_view(":::"), std::string_view("2001:db8::1::2"),
          std::string_view("0000000000000000000000000000000000000000000000000000001")}) {
        EXPECT_FALSE(IpAddress::parse(text).has_value()) << text;
    }
}

TEST(Network, ContainsWhatSharesItsPrefix) {
    struct {
        char const* network;
        char const* address;
        bool inside;
    } const cases[] = {
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},
        {"10.0.0.0/8", "a00::", false},
        {"172.16.0.0/12", "172.31.255.255", true},
        {"172.16.0.0/12", "172.32.0.0", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.1/32", "192.0.2.1", true},
        {"0.0.0.0/0", "203.0.113.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "192.0.2.1", true},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::1", "::1", true},
        {"::ffff:10.0.0.0/104", "10.9.9.9", true},
        {"fe80::/10", "febf::1", true},
    };
    for (auto const& [text, address, inside] : cases) {
        auto const network = Network::parse(text);
        ASSERT_TRUE(network.has_value()) << text;
        EXPECT_EQ(network->contains(*IpAddress::parse(address)), inside) << address << " in " << text;
    }
}

TEST(Network, RefusesWhatIsNone) {
    for (char const* const text :
         {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8x", "10.0.0.0/0008",
          "10.0.0.1/8", "::1/64", "::/129", "10.0.0.0/8/8", "10/8", "a.b/8"}) {
        EXPECT_FALSE(Network::parse(text).has_value()) << text;
    }
}

}  // namespace nexpo::http_host

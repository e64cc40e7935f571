// SPDX-License-Identifier: Apache-2.0
#include "http/forwarding.hpp"

#include <gtest/gtest.h>

#include <random>

namespace nexpo::http_host {

namespace {

constexpr char const* kProxy = "10.0.0.1";

HttpConfig config(ForwardingHeader header) {
    HttpConfig config;
    config.trusted_proxies = {"10.0.0.0/8", "2001:db8:ffff::/48"};
    config.forwarding_header = header;
    return config;
}

Client find(ForwardingHeader header, std::vector<Header> const& headers) {
    return Forwarding(config(header)).find_client(kProxy, headers);
}

struct Case {
    char const* value;
    char const* address;
    bool secure = false;
};

}  // namespace

TEST(Forwarding, TrustsOnlyWhatIsConfigured) {
    Forwarding const forwarding(config(ForwardingHeader::x_forwarded_for));
    EXPECT_TRUE(forwarding.trusts("10.200.0.1"));
    EXPECT_TRUE(forwarding.trusts("2001:db8:ffff::9"));
    EXPECT_FALSE(forwarding.trusts("192.0.2.1"));
    EXPECT_FALSE(forwarding.trusts(""));
    EXPECT_FALSE(Forwarding(HttpConfig{}).trusts("127.0.0.1"));
}

TEST(Forwarding, WalksXForwardedForFromTheRight) {
    constexpr Case kCases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"6.6.6.6, 192.0.2.1", "192.0.2.1"},
        {"6.6.6.6,192.0.2.1,10.3.2.1 , 2001:db8:ffff::1", "192.0.2.1"},
        {"10.3.2.1, 10.9.9.9", "10.3.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"192.0.2.1:4711", "192.0.2.1"},
        {"[2001:db8::1]:4711", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"2001:DB8::1", "2001:db8::1"},
        {"garbage, 192.0.2.1", "192.0.2.1"},
        // A quote that the client leaves open does not swallow what the proxy adds.
        {"\", 192.0.2.1", "192.0.2.1"},
        {"6.6.6.6, \"a, 192.0.2.1, 10.3.2.1", "192.0.2.1"},
        // What a trusted proxy says and nobody can read leaves nothing but the proxy.
        {"192.0.2.1, garbage", kProxy},
        {"192.0.2.1, garbage, 10.3.2.1", kProxy},
        // A proxy that does not know its peer may add nothing behind the comma.
        {"192.0.2.1,", kProxy},
        {"192.0.2.1,,", kProxy},
        {"", kProxy},
        {"unknown", kProxy},
        {"192.0.2.1:", kProxy},
        {"192.0.2.1:x", kProxy},
        {"192.0.2.1:123456", kProxy},
        {"[192.0.2.1]", kProxy},
        {"[2001:db8::1", kProxy},
        {"[2001:db8::1]x", kProxy},
        {"fe80::1%eth0", kProxy},
        {"192.0.2.1 192.0.2.2", kProxy},
        {"\"192.0.2.1\"", kProxy},
        // It knows no quotes: what stands in some does not reach over the proxy's comma.
        {"\", 192.0.2.1", "192.0.2.1"},
        {"6.6.6.6\", \"6.6.6.6, 192.0.2.1", "192.0.2.1"},
        {"\\, 192.0.2.1", "192.0.2.1"},
    };
    for (auto const& [value, address, secure] : kCases) {
        auto const client = find(ForwardingHeader::x_forwarded_for, {{"x-forwarded-for", value}});
        EXPECT_EQ(client.address, address) << value;
        EXPECT_EQ(client.secure, secure) << value;
    }
}

TEST(Forwarding, JoinsSeveralLines) {
    auto const client =
        find(ForwardingHeader::x_forwarded_for,
             {{"X-Forwarded-For", "6.6.6.6"}, {"Other", "x"}, {"X-FORWARDED-FOR", "192.0.2.1, 10.1.1.1"}});
    EXPECT_EQ(client.address, "192.0.2.1");
}

TEST(Forwarding, KeepsLinesApart) {
    auto const client =
        find(ForwardingHeader::x_forwarded_for, {{"X-Forwarded-For", "6.6.6.6"}, {"X-Forwarded-For", ""}});
    EXPECT_EQ(client.address, kProxy);
}

TEST(Forwarding, TakesTheSchemeFromTheNearestProxy) {
    EXPECT_TRUE(find(ForwardingHeader::x_forwarded_for, {{"X-Forwarded-Proto", "https"}}).secure);
    EXPECT_TRUE(find(ForwardingHeader::x_forwarded_for, {{"X-Forwarded-Proto", "http, HTTPS"}}).secure);
    EXPECT_FALSE(find(ForwardingHeader::x_forwarded_for, {{"X-Forwarded-Proto", "https, http"}}).secure);
    EXPECT_FALSE(find(ForwardingHeader::x_forwarded_for, {{"X-Forwarded-Proto", "httpss"}}).secure);
    EXPECT_FALSE(find(ForwardingHeader::x_forwarded_for, {{"X-Forwarded-Proto", "\"https"}}).secure);
    EXPECT_TRUE(find(ForwardingHeader::x_forwarded_for, {{"X-Forwarded-Proto", "\", https"}}).secure);
    EXPECT_FALSE(find(ForwardingHeader::forwarded, {{"X-Forwarded-Proto", "https"}}).secure);
}

TEST(Forwarding, WalksForwardedFromTheRight) {
    constexpr Case kCases[] = {
        {"for=192.0.2.1", "192.0.2.1"},
        {"For=\"192.0.2.1:80\";Proto=HTTPS", "192.0.2.1", true},
        {"for=\"[2001:db8::1]:80\" ; proto=https ; by=203.0.113.43", "2001:db8::1", true},
        {"for=6.6.6.6;proto=https, for=192.0.2.1;proto=http, for=10.1.1.1;proto=https", "192.0.2.1", false},
        {"for=6.6.6.6, for=192.0.2.1;proto=https, for=10.1.1.1;proto=http", "192.0.2.1", true},
        {"for=\"a,b;c\\\"\", for=192.0.2.1", "192.0.2.1"},
        {"for=unknown", kProxy},
        {"for=_hidden", kProxy},
        {"for=192.0.2.1, for=_hidden;proto=https", kProxy, true},
        {"for=192.0.2.1;for=192.0.2.2", kProxy},
        {"192.0.2.1", kProxy},
        {"proto=https", kProxy, true},
        {"for", kProxy},
        {"for=", kProxy},
        {"for=\"", kProxy},
        {"for=\"192.0.2.1", kProxy},
        {"for=\"192.0.2.1\\", kProxy},
        {"", kProxy},
        {";;,;", kProxy},
    };
    for (auto const& [value, address, secure] : kCases) {
        auto const client = find(ForwardingHeader::forwarded, {{"Forwarded", value}, {"X-Forwarded-For", "6.6.6.6"}});
        EXPECT_EQ(client.address, address) << value;
        EXPECT_EQ(client.secure, secure) << value;
    }
}

TEST(Forwarding, BelievesNothingOfAMalformedForwarded) {
    constexpr char const* kCases[] = {
        // What a client sends, and what its proxy adds.
        "for=6.6.6.6;x=\", for=198.51.100.7",
        "for=6.6.6.6;x=\", for=\"[2001:db8::9]:4711\"",
        "for=6.6.6.6;x=\"\\, for=\"[2001:db8::9]:4711\"",
        "for=6.6.6.6;x=\", for=\"[2001:db8::9]:4711\";by=\"[2001:db8::a]:80\"",
        "for=6.6.6.6;x=\", for=198.51.100.7;host=\"a.example\"",
        "for=6.6.6.6;x=\"\"y, for=198.51.100.7",
        "for=6.6.6.6;\", for=198.51.100.7",
        "\", for=198.51.100.7",
        // No proxy that writes by the rules is behind these.
        "for=192.0.2.1:80",
        "for=[2001:db8::1]",
        "for=192.0.2.1;proto=https;proto=http",
        "for=192.0.2.1;=x",
        "for =192.0.2.1",
        "for= 192.0.2.1",
        "for=192.0.2.1 by=192.0.2.2",
        "garbage, for=192.0.2.1",
        "for=192.0.2.1;\x01=x",
    };
    for (auto const* const value : kCases) {
        auto const client = find(ForwardingHeader::forwarded, {{"Forwarded", value}});
        EXPECT_EQ(client.address, kProxy) << value;
        EXPECT_FALSE(client.secure) << value;
    }
    auto const client = find(ForwardingHeader::forwarded,
                             {{"Forwarded", "for=6.6.6.6;x=\""}, {"Forwarded", "for=198.51.100.7;proto=https"}});
    EXPECT_EQ(client.address, kProxy);
    EXPECT_FALSE(client.secure);
}

TEST(Forwarding, SurvivesDamage) {
    std::string const good = "for=\"[2001:db8::1]:80\";proto=https;by=\"a\\\"b\", for=\"192.0.2.1:5\" , for=10.1.1.1";
    EXPECT_EQ(find(ForwardingHeader::forwarded, {{"Forwarded", good}}).address, "192.0.2.1");
    std::mt19937 random(1);
    for (int round = 0; round < 20'000; ++round) {
        auto text = good;
        for (auto damage = random() % 4; damage-- > 0;) text[random() % text.size()] = static_cast<char>(random());
        text.resize(random() % (text.size() + 1));
        for (auto const header : {ForwardingHeader::forwarded, ForwardingHeader::x_forwarded_for}) {
            EXPECT_TRUE(IpAddress::parse(find(header, {{"Forwarded", text}, {"X-Forwarded-For", text}}).address));
        }
    }
}

}  // namespace nexpo::http_host

// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nexpo::net {
namespace {

TEST(Url, IsTakenApart) {
    struct Case {
        char const* text;
        char const* origin;
        char const* normal;
    };
    for (auto const& [text, origin, normal] : {
             Case{"http://example.com", "http://example.com:80", "http://example.com/"},
             Case{"HTTPS://Example.COM:443/A?b=c#d", "https://example.com:443", "https://Example.COM:443/A?b=c"},
             Case{"http://[::1]:8080/", "http://[::1]:8080", "http://[::1]:8080/"},
             Case{"http://example.com./", "http://example.com:80", "http://example.com./"},
             Case{"http://127.1/", "http://127.0.0.1:80", "http://127.0.0.1/"},
             Case{"http://0x7f000001/", "http://127.0.0.1:80", "http://127.0.0.1/"},
         }) {
        auto const url = parse_url(text).value();
        EXPECT_EQ(url.origin(), origin);
        EXPECT_EQ(url.text, normal);
    }
}

TEST(Url, RefusesWhatItDoesNotSpeak) {
    for (std::string const& text : {std::string(),
                                    std::string("example.com"),
                                    std::string("/path"),
                                    std::string("//example.com/"),
                                    std::string("ftp://example.com/"),
                                    std::string("file:///etc/passwd"),
                                    std::string("gopher://example.com/"),
                                    std::string("javascript:alert(1)"),
                                    std::string("http://"),
                                    std::string("http:///path"),
                                    std::string("http://user@example.com/"),
                                    std::string("http://user:word@example.com/"),
                                    std::string("http://:word@example.com/"),
                                    std::string("http://example.com:0/"),
                                    std::string("http://example.com:65536/"),
                                    std::string("http://example.com:x/"),
                                    std::string("http://exa mple.com/"),
                                    std::string("http://example.com/ HTTP/1.1\r\nX: 1"),
                                    std::string("http://example.com/\r\nX: 1"),
                                    std::string("http://example.com\0.test/", 25),
                                    std::string("http://ex%61mple%0d.com/"),
                                    std::string("http://%example.com/"),
                                    std::string("http://%30/"),
                                    std::string("http://127.%31/"),
                                    std::string("http://m\xc3\xbcller.test/"),
                                    std::string("http://[fe80::1%25eth0]/"),
                                    std::string("http://[::1/"),
                                    "http://example.com/" + std::string(8192, 'a'),
                                    "http://" + std::string(254, 'a') + '/'}) {
        auto const url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().reason, "url_invalid");
        EXPECT_EQ(url.error().message.find("word"), std::string::npos) << "no password in messages";
    }
}

TEST(Url, ResolvesReferences) {
    auto const base = parse_url("https://example.com/a/b?c").value();
    EXPECT_EQ(resolve_url(base, "/x").value().text, "https://example.com/x");
    EXPECT_EQ(resolve_url(base, "x?y").value().text, "https://example.com/a/x?y");
    EXPECT_EQ(resolve_url(base, "//other.test/x").value().text, "https://other.test/x");
    EXPECT_EQ(resolve_url(base, "http://other.test").value().origin(), "http://other.test:80");
    for (auto const* const text :
         {"", "ftp://x.test/", "http://u:p@x.test/", "//u@x.test/", "http:///x", "http://x y/", "/\r\nX: 1"}) {
        EXPECT_FALSE(resolve_url(base, text)) << text;
    }
}

TEST(Url, ReadsProxies) {
    auto const proxy = parse_proxy("http://us%65r:p%3Aw@Proxy.Example.").value();
    EXPECT_EQ(proxy.url.origin(), "http://proxy.example:1080");
    EXPECT_EQ(proxy.user, "user");
    EXPECT_EQ(proxy.password, "p:w");
    EXPECT_EQ(parse_proxy("https://[::1]")->url.origin(), "https://[::1]:443");
    EXPECT_EQ(parse_proxy("http://10.0.0.1:80/")->url.origin(), "http://10.0.0.1:80");
    for (auto const* const text :
         {"", "proxy", "proxy:3128", "socks5://proxy", "socks5h://proxy", "http://u:p@", "http://%"}) {
        EXPECT_FALSE(parse_proxy(text)) << text;
    }
}

}  // namespace
}  // namespace nexpo::net

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <string>
#include <vector>

#include "net/transfers.hpp"
#include "script_server.hpp"
#include "test_client.hpp"

namespace nexpo::net {
namespace {

void welcome(Peer& peer) {
    while (peer.read()) peer.answer(200, "welcome");
}

HttpRequest from_user(std::string url) {
    return {.url = std::move(url)};  // guarded unless said otherwise
}

TEST(HttpGuard, RefusesThisMachineAndItsNetworks) {
    ScriptServer const server(welcome);
    TestClient const test;
    test.resolver->set("inside.test", {"127.0.0.1"});
    test.resolver->set("mapped.test", {"::ffff:127.0.0.1"});
    for (auto const* const host : {"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]",
                                   "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "inside.test",
                                   "INSIDE.test.", "mapped.test", "169.254.169.254", "[fd00:ec2::254]", "10.0.0.1"}) {
        auto const outcome = test.client->send(from_user(server.url("/", host)));
        EXPECT_EQ(reason(outcome), "address_refused") << host;
        EXPECT_EQ(outcome.error().code, Errc::permission_denied);
    }
    EXPECT_EQ(server.connections(), 0);
    EXPECT_EQ(test.client->stats().addresses_refused, 16U);
    EXPECT_EQ(test.client->stats().connections_opened, 0U);
}

TEST(HttpGuard, IsOpenedByAllowLists) {
    ScriptServer const server(welcome);
    TestClient const test({.allowed_networks = {"127.0.0.1"}, .allowed_hosts = {"Hooks.test"}});
    test.resolver->set("hooks.test", {"127.0.0.2"});
    test.resolver->set("other.test", {"127.0.0.2"});
    test.resolver->set("both.test", {"127.0.0.2", "127.0.0.1"});
    EXPECT_EQ(reason(test.client->send(from_user(server.url()))), "status 200");
    EXPECT_EQ(reason(test.client->send(from_user(server.url("/", "hooks.test")))), "status 200");
    EXPECT_EQ(reason(test.client->send(from_user(server.url("/", "other.test")))), "address_refused");
    EXPECT_EQ(reason(test.client->send(from_user(server.url("/", "both.test")))), "status 200") << "by the allowed one";
    EXPECT_EQ(HttpClient::create({.allowed_networks = {"10.0.0.1/8"}}).error().reason, "network_invalid");
}

TEST(HttpGuard, HoldsWhenANameMoves) {
    // 127.0.0.2 stands for the public Internet.
    ScriptServer const server(welcome);
    TestClient const test({.allowed_networks = {"127.0.0.2"}});
    test.resolver->set("rebind.test", {"127.0.0.2"});
    EXPECT_EQ(reason(test.client->send(from_user(server.url("/", "rebind.test")))), "status 200");
    test.resolver->set("rebind.test", {"127.0.0.1"});
    EXPECT_EQ(reason(test.client->send(from_user(server.url("/", "rebind.test")))), "address_refused");
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpGuard, IsNotPassedByAKeptConnection) {
    ScriptServer const server(welcome);
    TestClient const test;
    test.resolver->set("inside.test", {"127.0.0.1"});
    EXPECT_EQ(reason(test.get(server.url("/", "inside.test"))), "status 200");
    EXPECT_EQ(reason(test.client->send(from_user(server.url("/", "inside.test")))), "address_refused");
    EXPECT_EQ(reason(test.get(server.url("/", "inside.test"))), "status 200");
    EXPECT_EQ(server.connections(), 1) << "the connection was there all the time";
}

TEST(HttpGuard, LetsNoUserHoldUpTheOperator) {
    Mailbox<int> reached;
    ScriptServer const server([&reached](Peer& peer) {
        while (auto const request = peer.read()) {
            if (request->target == "/slow") {
                reached.put(1);
                return peer.wait_for_close();
            }
            peer.answer(200);
        }
    });
    TestClient const test({.allowed_networks = {"127.0.0.1"},
                           .max_connections = 3,
                           .max_connections_per_host = 2,
                           .max_requests_per_host = 2,
                           .max_requests = 4});
    std::vector<std::shared_ptr<Mailbox<Result<HttpResponse>>>> slow;
    for (auto const* const host : {"one.test", "two.test", "three.test", "four.test"}) {
        test.resolver->set(host, {"127.0.0.1"});
        slow.push_back(test.begin(from_user(server.url("/slow", host))));
    }
    for (int i = 0; i < 2; ++i) reached.take();
    EXPECT_EQ(reason(test.client->send(from_user(server.url()))), "client_busy");
    EXPECT_EQ(reason(test.get(server.url("/"))), "status 200") << "at the same address";
    test.advance(std::chrono::seconds(30));
    for (auto const& outcome : slow) EXPECT_EQ(reason(outcome->take()), "timed_out");
}

TEST(HttpGuard, LooksAtTheAddressThatIsConnectedTo) {
    // Here libcurl looks the name up itself: nothing has seen the address before its socket is made.
    ScriptServer const server(welcome);
    auto const guard = AddressGuard::create({}, {}).value();
    auto const transfers = Transfers::create({}, guard).value();
    HttpRequest const request;
    for (bool const guarded : {true, false}) {
        std::string result;
        transfers->start({.request = &request,
                          .url = parse_url(server.url("/", "localhost")).value(),
                          .connect_timeout = std::chrono::seconds(5),
                          .guarded = guarded},
                         [&result](TransferOutcome const& outcome) { result = reason(outcome.response); });
        while (result.empty()) transfers->run(std::chrono::seconds(5));
        EXPECT_EQ(result, guarded ? "address_refused" : "status 200");
        EXPECT_EQ(server.connections(), guarded ? 0 : 1);
    }
}

/// A proxy that is its own origin, too: it answers what it is asked to tunnel.
struct ProxyServer {
    ScriptServer server{[this](Peer& peer) {
        while (auto const request = peer.read()) {
            asked.put(request->method + ' ' + request->target + ' ' + request->header("Proxy-Authorization"));
            if (request->method == "CONNECT") {
                peer.write("HTTP/1.1 200 Tunnel\r\nX-Proxy: 1\r\n\r\n");
            } else {
                peer.answer(200, "welcome");
            }
        }
    }};
    Mailbox<std::string> asked;
};

TEST(HttpProxy, IsAskedForACheckedAddress) {
    ProxyServer proxy;
    TestClient const test({.proxy = proxy.server.url()});
    test.resolver->set("public.test", {"8.8.8.8"});
    test.resolver->set("inside.test", {"10.0.0.1"});
    auto const response = test.client->send(from_user("http://public.test/path")).value();
    EXPECT_EQ(proxy.asked.take(), "CONNECT 8.8.8.8:80 (none)");
    EXPECT_EQ(proxy.asked.take(), "GET /path (none)");
    EXPECT_EQ(find_header(response.headers, "X-Proxy"), nullptr);
    EXPECT_EQ(reason(test.client->send(from_user("http://inside.test/"))), "address_refused");
    EXPECT_EQ(reason(test.client->send(from_user("http://10.0.0.1/"))), "address_refused");
    EXPECT_EQ(proxy.asked.size(), 0U);
}

TEST(HttpProxy, LooksUpWhatTheOperatorConfigured) {
    ProxyServer proxy;
    setenv("no_proxy", "*", 1);
    TestClient const test({.proxy = proxy.server.url()});
    EXPECT_EQ(reason(test.get("http://vendor.test/path")), "status 200");
    unsetenv("no_proxy");
    EXPECT_EQ(proxy.asked.take(), "GET http://vendor.test/path (none)");
    EXPECT_EQ(test.resolver->lookups(), 0);
}

TEST(HttpProxy, IsLookedUpHere) {
    ProxyServer proxy;
    TestClient const test({.proxy = "http://user:p%40ss@Proxy.test:" + std::to_string(proxy.server.port()),
                           .retry = {.max_attempts = 1}});
    EXPECT_EQ(reason(test.get("http://vendor.test/path")), "proxy_failed") << "it has no address";
    test.resolver->set("proxy.test", {"::1", "127.0.0.1"});  // nobody listens on the first
    test.resolver->set("public.test", {"8.8.8.8"});
    EXPECT_EQ(reason(test.get("http://vendor.test/path")), "status 200");
    EXPECT_EQ(proxy.asked.take(), "GET http://vendor.test/path Basic dXNlcjpwQHNz");
    EXPECT_EQ(reason(test.client->send(from_user("http://public.test/path"))), "status 200");
    EXPECT_EQ(proxy.asked.take(), "CONNECT 8.8.8.8:80 Basic dXNlcjpwQHNz");
    EXPECT_EQ(proxy.asked.take(), "GET /path (none)");
}

TEST(HttpProxy, IsOneOfHttp) {
    for (auto const* const url : {"proxy.test", "proxy.test:3128", "socks5://proxy.test", "ftp://proxy.test", "http://",
                                  "http://proxy.test:0", "http://a b"}) {
        auto const client = HttpClient::create({.proxy = url});
        ASSERT_FALSE(client) << url;
        EXPECT_EQ(client.error().reason, "url_invalid") << url;
    }
}

TEST(HttpProxy, MayRefuse) {
    ScriptServer const proxy([](Peer& peer) {
        while (peer.read()) peer.answer(403);
    });
    TestClient const test({.proxy = proxy.url(), .retry = {.max_attempts = 1}});
    for (auto const* const url : {"http://8.8.8.8/", "https://8.8.8.8/"}) {
        EXPECT_EQ(reason(test.client->send(from_user(url))), "proxy_failed") << url;
    }
}

}  // namespace
}  // namespace nexpo::net

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "script_server.hpp"
#include "test_client.hpp"

namespace nexpo::net {
namespace {

using namespace std::chrono_literals;

/// Redirects everything to where it is told, except `/end`.
struct Redirecting {
    explicit Redirecting(int status, std::string location)
        : server([this, status, location](Peer& peer) {
              while (auto request = peer.read()) {
                  bool const end = request->target == "/end";
                  seen.put(std::move(*request));
                  if (end) {
                      peer.answer(200, "end");
                  } else {
                      peer.answer(status, "", "Location: " + location + "\r\n");
                  }
              }
          }) {}

    Mailbox<Received> seen;
    ScriptServer server;
};

HttpRequest redirectable(std::string url) {
    auto request = TestClient::request(std::move(url));
    request.max_redirects = 5;
    request.headers = {{.name = "Authorization", .value = "Bearer t"}, {.name = "Accept", .value = "text/plain"}};
    return request;
}

TEST(HttpRedirect, IsFollowedWithinTheOrigin) {
    Redirecting origin(302, "end");
    TestClient const test;
    EXPECT_EQ(reason(test.get(origin.server.url("/start"))), "status 302") << "not unless asked to";
    auto const response = test.client->send(redirectable(origin.server.url("/start"))).value();
    EXPECT_EQ(response.body, "end");
    origin.seen.take();
    origin.seen.take();
    EXPECT_EQ(origin.seen.take().header("authorization"), "Bearer t");
    EXPECT_EQ(test.client->stats().redirects, 1U);
}

TEST(HttpRedirect, LeavesCredentialsBehind) {
    Redirecting other(302, "/");
    Redirecting origin(302, other.server.url("/end", "other.test"));
    // What another host sends us to is guarded: the operator has not chosen it.
    TestClient const test({.allowed_hosts = {"other.test"}});
    test.resolver->set("other.test", {"127.0.0.1"});
    EXPECT_EQ(test.client->send(redirectable(origin.server.url())).value().body, "end");
    auto const received = other.seen.take();
    EXPECT_EQ(received.header("authorization"), "(none)");
    EXPECT_EQ(received.header("accept"), "text/plain");
}

TEST(HttpRedirect, IsGuardedAtEachHop) {
    Redirecting inside(302, "/");
    Redirecting origin(302, inside.server.url("/end"));
    TestClient const test;
    EXPECT_EQ(reason(test.client->send(redirectable(origin.server.url()))), "address_refused");
    EXPECT_EQ(inside.server.connections(), 0);
}

TEST(HttpRedirect, EndsInLoopsAndOddPlaces) {
    for (auto const* const location :
         {"/again", "ftp://127.0.0.1/", "http://user:word@127.0.0.1/", "http:// /", "file:///etc/passwd"}) {
        Redirecting origin(302, location);
        TestClient const test;
        EXPECT_EQ(reason(test.client->send(redirectable(origin.server.url()))), "redirect_refused") << location;
        EXPECT_LE(origin.seen.size(), 6U);
    }
}

TEST(HttpRedirect, ChangesMethodsAsTheStandardSays) {
    struct Case {
        int status;
        char const* method;
        char const* then;
        char const* body;
    };
    for (auto const& [status, method, then, body] : {
             Case{301, "POST", "GET", ""},
             Case{302, "POST", "GET", ""},
             Case{303, "PUT", "GET", ""},
             Case{307, "POST", "POST", "body"},
             Case{308, "PUT", "PUT", "body"},
             Case{302, "PUT", "PUT", "body"},
         }) {
        Redirecting origin(status, "/end");
        TestClient const test;
        auto request = redirectable(origin.server.url());
        request.method = method;
        request.body = "body";
        EXPECT_EQ(reason(test.client->send(request)), "status 200");
        origin.seen.take();
        auto const received = origin.seen.take();
        EXPECT_EQ(received.method, then) << status << ' ' << method;
        EXPECT_EQ(received.body, body) << status << ' ' << method;
    }
}

TEST(HttpRedirect, GivesNoBodyToOthers) {
    Redirecting other(302, "/");
    Redirecting origin(307, other.server.url("/end"));
    TestClient const test;
    auto request = redirectable(origin.server.url());
    request.method = "POST";
    request.body = "secret";
    EXPECT_EQ(reason(test.client->send(request)), "redirect_refused");
    EXPECT_EQ(other.server.connections(), 0);
}

TEST(HttpRedirect, RepeatsOnlyWhatTheHopMayRepeat) {
    Redirecting other(503, "/");
    Redirecting origin(307, other.server.url("/"));
    TestClient const test({.allowed_networks = {"127.0.0.1"}, .retry = {.max_attempts = 2, .base = 0ms}});
    auto request = redirectable(origin.server.url());
    request.method = "POST";
    request.headers = {{.name = "Idempotency-Key", .value = "k"}};
    EXPECT_EQ(reason(test.client->send(request)), "status 503");
    EXPECT_EQ(other.seen.size(), 1U) << "the key has stayed behind";
}

}  // namespace
}  // namespace nexpo::net

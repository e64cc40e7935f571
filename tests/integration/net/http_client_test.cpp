// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <future>
#include <memory>
#include <string>

#include "base/gzip.hpp"
#include "script_server.hpp"
#include "test_client.hpp"

namespace nexpo::net {
namespace {

using namespace std::chrono_literals;

/// Answers every request with its method, target and body.
void echo(Peer& peer) {
    while (auto const request = peer.read()) {
        peer.answer(200,
                    request->method == "HEAD" ? "" : request->method + ' ' + request->target + ' ' + request->body);
    }
}

TEST(HttpClient, SendsAndReceives) {
    ScriptServer const server(echo);
    TestClient const test;
    for (auto const* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
        auto request = TestClient::request(server.url("/a?b=c"));
        request.method = method;
        request.body = "body";
        auto const response = test.client->send(request).value();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, std::string(method) + " /a?b=c body");
        EXPECT_EQ(response.http_version, 11);
        EXPECT_EQ(response.attempts, 1);
    }
    auto head = TestClient::request(server.url());
    head.method = "HEAD";
    EXPECT_EQ(test.client->send(head).value().body, "");
    EXPECT_EQ(server.connections(), 1) << "one connection serves all";
    auto const stats = test.client->stats();
    EXPECT_EQ(stats.requests, 7U);
    EXPECT_EQ(stats.responses, 7U);
    EXPECT_EQ(stats.connections_opened, 1U);
    EXPECT_EQ(stats.under_way, 0U);
}

TEST(HttpClient, SendsWhatItIsGivenAndLittleElse) {
    Mailbox<Received> seen;
    ScriptServer const server([&seen](Peer& peer) {
        while (auto request = peer.read()) {
            seen.put(std::move(*request));
            peer.answer(204, "", "X-One: 1\r\nx-two:   two words  \r\nX-Empty:\r\n");
        }
    });
    TestClient const test;
    auto request = TestClient::request(server.url());
    request.method = "POST";
    request.body = std::string(2U << 20, 'x');  // libcurl would ask before sending this much
    request.headers = {{.name = "X-Empty", .value = ""}, {.name = "Authorization", .value = "Bearer t"}};
    auto const response = test.client->send(request).value();
    auto const received = seen.take();
    EXPECT_EQ(received.body.size(), 2U << 20);
    EXPECT_EQ(received.header("x-empty"), "");
    EXPECT_EQ(received.header("authorization"), "Bearer t");
    EXPECT_EQ(received.header("expect"), "(none)");
    EXPECT_EQ(received.header("content-type"), "(none)");
    EXPECT_EQ(received.header("cookie"), "(none)");
    EXPECT_EQ(received.header("accept-encoding"), "gzip");
    EXPECT_TRUE(received.header("user-agent").starts_with("nexpo/"));
    EXPECT_EQ(*find_header(response.headers, "x-one"), "1");
    EXPECT_EQ(*find_header(response.headers, "X-Two"), "two words");
    EXPECT_EQ(*find_header(response.headers, "X-Empty"), "");
}

TEST(HttpClient, TakesEveryStatusAsAValue) {
    ScriptServer const server([](Peer& peer) {
        while (auto const request = peer.read())
            peer.answer(std::stoi(request->target.substr(1)), "x", "Location: /0\r\n");
    });
    TestClient const test;
    for (int const status : {200, 201, 302, 404, 418, 501}) {
        EXPECT_EQ(reason(test.get(server.url('/' + std::to_string(status)))), "status " + std::to_string(status));
    }
}

TEST(HttpClient, DropsInterimResponses) {
    ScriptServer const server([](Peer& peer) {
        peer.read();
        peer.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n");
        peer.answer(200, "late", "X-Late: 1\r\n");
        peer.wait_for_close();
    });
    TestClient const test;
    auto const response = test.get(server.url()).value();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(find_header(response.headers, "X-Early"), nullptr);
    EXPECT_NE(find_header(response.headers, "X-Late"), nullptr);
}

TEST(HttpClient, TakesNoOtherLineForAStatus) {
    ScriptServer const server([](Peer& peer) {
        peer.read();
        peer.write(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-One: 1\r\nHTTP/2-Field: 2\r\n\r\n"
            "2\r\nhi\r\n0\r\nHTTP/1.1 500 X: 3\r\nX-Trailer: 4\r\n\r\n");
        peer.wait_for_close();
    });
    TestClient const test;
    auto const response = test.get(server.url());
    ASSERT_EQ(reason(response), "status 200");
    EXPECT_EQ(response->body, "hi");
    EXPECT_NE(find_header(response->headers, "X-One"), nullptr);
    EXPECT_NE(find_header(response->headers, "HTTP/2-Field"), nullptr);
    EXPECT_EQ(response->headers.size(), 3U) << "no trailers";
}

TEST(HttpClient, TakesTheLengthOfWhatHeadLeavesOut) {
    ScriptServer const server([](Peer& peer) {
        while (peer.read()) peer.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
    });
    TestClient const test;
    auto request = TestClient::request(server.url());
    request.method = "HEAD";
    auto const response = test.client->send(request);
    ASSERT_EQ(reason(response), "status 200");
    EXPECT_EQ(*find_header(response->headers, "Content-Length"), "99999999999");
}

TEST(HttpClient, UnpacksGzip) {
    auto const packed = base::gzip("whole").value();
    auto const length = "Content-Length: " + std::to_string(packed.size()) + "\r\n";
    for (auto const& [headers, body, expected] : std::vector<std::array<std::string, 3>>{
             {"Content-Encoding: gzip\r\n" + length, packed, "whole"},
             {"Content-Encoding: gzip\r\n", packed, "whole"},
             {"content-encoding: X-GZIP\r\n", packed, "whole"},
             {"Content-Encoding: identity\r\n", "plain", "plain"},
             {"Content-Encoding: gzip\r\nContent-Length: 0\r\n", "", ""},
         }) {
        ScriptServer const server([&, &head = headers, &text = body](Peer& peer) {
            peer.read();
            peer.write("HTTP/1.1 200 OK\r\n" + head + "\r\n" + text);
        });
        TestClient const test;
        auto const response = test.get(server.url());
        ASSERT_EQ(reason(response), "status 200") << headers;
        EXPECT_EQ(response->body, expected) << headers;
    }
}

TEST(HttpClient, RefusesOddResponses) {
    auto const packed = base::gzip("a text that is to be cut off in its middle").value();
    auto const half = packed.substr(0, packed.size() / 2);
    auto const half_length = "Content-Length: " + std::to_string(half.size()) + "\r\n";
    struct Case {
        char const* what;
        std::string response;
        char const* reason;
    };
    for (auto const& [what, response, expected] : {
             Case{"nothing", "", "connection_lost"},
             Case{"cut within the headers", "HTTP/1.1 200 OK\r\nContent-", "connection_lost"},
             Case{"cut within the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "connection_lost"},
             Case{"cut within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nabc",
                  "connection_lost"},
             Case{"a bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc", "connection_lost"},
             Case{"not HTTP", "220 mail.example ESMTP\r\n", "response_invalid"},
             Case{"gzip that is none", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
                  "response_invalid"},
             Case{"gzip that is cut off", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + half,
                  "response_invalid"},
             Case{"gzip that ends early", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + half_length + "\r\n" + half,
                  "response_invalid"},
             Case{"gzip that hides in the framing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n" + half,
                  "response_invalid"},
             Case{"a coding that was not asked for",
                  "HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 1\r\n\r\nx", "response_invalid"},
             Case{"a length that is too long", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                  "response_too_large"},
             Case{"long headers", "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n",
                  "response_too_large"},
         }) {
        ScriptServer const server([&text = response](Peer& peer) {
            peer.read();
            peer.write(text);
        });
        TestClient const test({.retry = {.max_attempts = 1}});
        EXPECT_EQ(reason(test.get(server.url())), expected) << what;
    }
}

TEST(HttpClient, StopsReadingWithoutEnd) {
    for (auto const* const start : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nX: "}) {
        std::promise<void> gone;
        ScriptServer const server([&](Peer& peer) {
            peer.read();
            peer.write(start);
            std::string const more = std::string(900, 'x') + "\r\nY: ";
            while (peer.write(more)) {
            }
            gone.set_value();
        });
        TestClient const test;
        EXPECT_EQ(reason(test.get(server.url())), "response_too_large");
        gone.get_future().wait();  // the connection is closed, too
    }
}

/// 64 MiB of zeros, some 64 KiB when packed.
std::string gzip_bomb() {
    std::unique_ptr<FILE, int (*)(FILE*)> const pipe(popen("head -c 67108864 /dev/zero | gzip -9", "r"), &pclose);
    std::string bomb;
    std::array<char, 4096> chunk{};
    while (auto const size = std::fread(chunk.data(), 1, chunk.size(), pipe.get())) bomb.append(chunk.data(), size);
    return bomb;
}

TEST(HttpClient, LimitsWhatIsUnpacked) {
    auto const bomb = gzip_bomb();
    ASSERT_LT(bomb.size(), 100'000U);
    ScriptServer const server([&bomb](Peer& peer) {
        while (peer.read()) peer.answer(200, bomb, "Content-Encoding: gzip\r\n");
    });
    TestClient const test;
    EXPECT_EQ(reason(test.get(server.url())), "response_too_large");
    auto request = TestClient::request(server.url());
    request.max_response_bytes = 64U << 20;
    auto const response = test.client->send(request).value();
    EXPECT_EQ(response.body.size(), 64U << 20);
}

TEST(HttpClient, RefusesRequestsThatBreakTheFraming) {
    struct Case {
        char const* method;
        HttpHeader header;
    };
    TestClient const test;
    for (auto const& [method, header] : {
             Case{"GET /", {"X", "1"}},
             Case{"", {"X", "1"}},
             Case{"CONNECT", {"X", "1"}},
             Case{"GET", {"X", "1\r\nY: 2"}},
             Case{"GET", {"X", std::string("1\0", 2)}},
             Case{"GET", {"X: 1\r\nY", "2"}},
             Case{"GET", {"X ", "2"}},
             Case{"GET", {"", "2"}},
             Case{"GET", {"Host", "other"}},
             Case{"GET", {"content-length", "2"}},
             Case{"GET", {"Transfer-Encoding", "chunked"}},
             Case{"GET", {"Proxy-Authorization", "Basic eA=="}},
         }) {
        HttpRequest const request{.method = method, .url = "http://127.0.0.1:1/", .headers = {header}};
        EXPECT_EQ(reason(test.client->send(request)), "request_invalid") << method << ' ' << header.name;
    }
}

TEST(HttpClient, GivesUpAtTheTimeLimit) {
    std::promise<void> stuck;
    ScriptServer const server([&stuck](Peer& peer) {
        peer.read();
        peer.write("HTTP/1.1 200 OK\r\nContent-Le");
        stuck.set_value();
        peer.wait_for_close();
    });
    TestClient const test;
    auto request = TestClient::request(server.url());
    request.timeout = 5s;
    auto const outcome = test.begin(request);
    stuck.get_future().wait();
    test.advance(4'999ms);
    EXPECT_EQ(outcome->size(), 0U);
    test.advance(1ms);
    auto const result = outcome->take();
    EXPECT_EQ(reason(result), "timed_out");
    EXPECT_EQ(result.error().code, Errc::deadline_exceeded);
}

/// Never answers, and tells who no longer waits.
class SilentResolver final : public Resolver {
 public:
    void resolve(std::string, UrlSource, std::stop_token stop, Done) override { asked.put(std::move(stop)); }
    void close() override {}

    Mailbox<std::stop_token> asked;
};

TEST(HttpClient, WithdrawsTheLookupWhenItGivesUp) {
    auto const resolver = std::make_shared<SilentResolver>();
    TestClient const test({.resolver = resolver});
    auto const outcome = test.begin(TestClient::request("http://slow.test/"));
    auto const stop = resolver->asked.take();
    EXPECT_FALSE(stop.stop_requested());
    test.advance(30s);
    EXPECT_EQ(reason(outcome->take()), "timed_out");
    EXPECT_TRUE(stop.stop_requested());
}

TEST(HttpClient, GivesUpConnecting) {
    // A queue of connections that nobody accepts: the kernel drops what comes when it is full.
    int const listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(listener, raw, size), 0);
    ASSERT_EQ(::listen(listener, 0), 0);
    ASSERT_EQ(::getsockname(listener, raw, &size), 0);
    std::vector<int> fillers;
    for (int i = 0; i < 4; ++i) {
        fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        (void)::connect(fillers.back(), raw, size);
    }
    TestClient const test({.retry = {.max_attempts = 1}});
    auto request = TestClient::request("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + '/');
    request.connect_timeout = 50ms;
    EXPECT_EQ(reason(test.client->send(request)), "connect_failed");
    for (int const each : fillers) ::close(each);
    ::close(listener);
}

TEST(HttpClient, TriesAllAddresses) {
    ScriptServer const server(echo);
    TestClient const test({.retry = {.max_attempts = 1}});
    test.resolver->set("many.test", {"::1", "127.0.0.1"});  // nobody listens on the first
    EXPECT_EQ(test.get(server.url("/", "many.test")).value().status, 200);
    EXPECT_EQ(reason(test.get(server.url("/", "none.test"))), "name_not_resolved");
}

TEST(HttpClient, StopsWhenAsked) {
    std::promise<void> reached;
    ScriptServer const server([&reached](Peer& peer) {
        peer.read();
        reached.set_value();
        peer.wait_for_close();
    });
    TestClient const test;
    std::stop_source stop;
    auto request = TestClient::request(server.url());
    request.stop = stop.get_token();
    auto const outcome = test.begin(request);
    reached.get_future().wait();
    stop.request_stop();
    EXPECT_EQ(reason(outcome->take()), "cancelled");
    EXPECT_EQ(reason(test.client->send(request)), "cancelled") << "before it began";
}

TEST(HttpClient, FailsWhatIsUnderWayWhenItCloses) {
    Mailbox<int> reached;
    ScriptServer const server([&reached](Peer& peer) {
        peer.read();
        reached.put(1);
        peer.wait_for_close();
    });
    TestClient const test;
    auto const first = test.begin(TestClient::request(server.url()));
    auto const second = test.begin(TestClient::request(server.url()));
    reached.take();
    reached.take();
    test.client->close();
    EXPECT_EQ(reason(first->take()), "closed");
    EXPECT_EQ(second->take().error().code, Errc::unavailable);
    EXPECT_EQ(reason(test.get(server.url())), "closed");
    test.client->close();
    EXPECT_EQ(test.client->stats().under_way, 0U);
}

TEST(HttpClient, MayBeDroppedByACompletion) {
    ScriptServer const server(echo);
    auto test = std::make_shared<TestClient>();
    std::promise<std::string> nested;
    auto* const client = test->client.get();
    client->send(TestClient::request(server.url()), [&, test](Result<HttpResponse> const&) mutable {
        auto const refused = test->get(server.url());
        test->client.reset();
        nested.set_value(reason(refused));
    });
    test.reset();
    EXPECT_EQ(nested.get_future().get(), "would_block");
}

TEST(HttpClient, TurnsAwayWhatIsTooMuch) {
    Mailbox<int> reached;
    ScriptServer const server([&reached](Peer& peer) {
        peer.read();
        reached.put(1);
        peer.wait_for_close();
    });
    TestClient const test({.max_requests = 1});
    auto const first = test.begin(TestClient::request(server.url()));
    reached.take();
    EXPECT_EQ(reason(test.get(server.url())), "client_busy");
    EXPECT_EQ(test.client->stats().under_way, 1U);
}

TEST(HttpClient, OpensNoMoreConnectionsThanAllowed) {
    Mailbox<int> reached;
    Mailbox<int> go;
    ScriptServer const server([&](Peer& peer) {
        while (peer.read()) {
            reached.put(1);
            go.take();
            peer.answer(200);
        }
    });
    TestClient const test({.max_connections_per_host = 2});
    std::vector<std::shared_ptr<Mailbox<Result<HttpResponse>>>> outcomes;
    for (int i = 0; i < 10; ++i) outcomes.push_back(test.begin(TestClient::request(server.url())));
    reached.take();
    reached.take();
    for (int i = 0; i < 10; ++i) go.put(1);
    for (auto const& outcome : outcomes) EXPECT_EQ(reason(outcome->take()), "status 200");
    EXPECT_EQ(server.connections(), 2);
}

TEST(HttpClient, LetsNoSlowHostHoldUpTheOthers) {
    Mailbox<int> reached;
    ScriptServer const slow([&reached](Peer& peer) {
        peer.read();
        reached.put(1);
        peer.wait_for_close();
    });
    ScriptServer const quick(echo);
    TestClient const test({.max_connections = 8, .max_requests_per_host = 3});
    std::vector<std::shared_ptr<Mailbox<Result<HttpResponse>>>> stuck;
    for (int i = 0; i < 20; ++i) stuck.push_back(test.begin(TestClient::request(slow.url())));
    for (int i = 0; i < 3; ++i) reached.take();
    EXPECT_EQ(reason(test.get(quick.url())), "status 200");
    EXPECT_EQ(slow.connections(), 3);
    test.advance(30s);  // those who still wait time out, too
    for (auto const& outcome : stuck) EXPECT_EQ(reason(outcome->take()), "timed_out");
    EXPECT_EQ(reason(test.get(quick.url())), "status 200");
}

/// Sets variables of the environment for a while.
class Environment {
 public:
    explicit Environment(std::vector<std::pair<std::string, std::string>> const& variables) {
        for (auto const& [name, value] : variables) {
            setenv(name.c_str(), value.c_str(), 1);
            names_.push_back(name);
        }
    }
    Environment(Environment const&) = delete;
    Environment& operator=(Environment const&) = delete;
    ~Environment() {
        for (auto const& name : names_) unsetenv(name.c_str());
    }

 private:
    std::vector<std::string> names_;
};

TEST(HttpClient, IgnoresTheEnvironment) {
    ScriptServer const trap(echo);
    ScriptServer const server(echo);
    auto const url = trap.url();
    Environment const environment({{"http_proxy", url}, {"HTTP_PROXY", url}, {"all_proxy", url}, {"ALL_PROXY", url}});
    TestClient const test;
    EXPECT_EQ(reason(test.get(server.url())), "status 200");
    EXPECT_EQ(trap.connections(), 0);
    EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, SendsWhatMustNotBeRepeatedOnlyOnce) {
    // The connection dies under the second request, after the server has read it: libcurl would send it again.
    std::atomic<int> requests{0};
    ScriptServer const server([&requests](Peer& peer) {
        if (!peer.read()) return;
        ++requests;
        peer.answer(200);
        if (peer.number() > 0) return peer.wait_for_close();
        if (peer.read()) ++requests;
    });
    TestClient const test({.retry = {.max_attempts = 1}});
    auto request = TestClient::request(server.url());
    EXPECT_EQ(reason(test.client->send(request)), "status 200");
    request.method = "POST";
    EXPECT_EQ(reason(test.client->send(request)), "connection_lost");
    EXPECT_EQ(requests.load(), 2);
}

}  // namespace
}  // namespace nexpo::net

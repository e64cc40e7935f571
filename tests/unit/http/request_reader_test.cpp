// SPDX-License-Identifier: Apache-2.0
#include "http/request_reader.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <string_view>

namespace nexpo::http_host {

namespace {

constexpr std::size_t kHeaderBytes = 1024;
constexpr std::size_t kBodyBytes = 100;
constexpr RequestLimits kLimits{.header_bytes = kHeaderBytes, .header_count = 20, .body_bytes = kBodyBytes};

void append(boost::beast::flat_buffer& buffer, std::string_view text) {
    if (text.empty()) return;
    auto const space = buffer.prepare(text.size());
    std::memcpy(space.data(), text.data(), text.size());
    buffer.commit(text.size());
}

struct Outcome {
    std::optional<Fault> fault{};
    bool done = false;
    Request request{};
    std::string left{};
};

/// Reads text that arrives in the given pieces.
Outcome read(std::initializer_list<std::string_view> pieces) {
    RequestReader reader(kLimits);
    boost::beast::flat_buffer buffer;
    Outcome outcome;
    for (auto const piece : pieces) {
        append(buffer, piece);
        if (!outcome.fault && !reader.is_done()) outcome.fault = reader.consume(buffer);
    }
    outcome.done = reader.is_done();
    outcome.request = std::move(reader.request());
    outcome.left.assign(static_cast<char const*>(buffer.data().data()), buffer.size());
    return outcome;
}

}  // namespace

TEST(RequestReader, GivesTheSameRequestWhereverItIsCut) {
    constexpr std::string_view kText =
        "\r\nPOST /users?a=b HTTP/1.1\r\nHost: test\r\nX: 1\r\nx: 2 \r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;a=b\r\nabc\r\n4\r\ndefg\r\n0\r\nAuthorization: Bearer trailer\r\n\r\nGET /next";
    for (std::size_t i = 0; i <= kText.size(); ++i) {
        auto const outcome = read({kText.substr(0, i), kText.substr(i)});
        ASSERT_FALSE(outcome.fault.has_value()) << i;
        ASSERT_TRUE(outcome.done) << i;
        EXPECT_EQ(outcome.request.method, "POST");
        EXPECT_EQ(outcome.request.target, "/users?a=b");
        EXPECT_EQ(outcome.request.body, "abcdefg");
        ASSERT_EQ(outcome.request.headers.size(), 4U);
        EXPECT_EQ(outcome.request.headers[2].name, "x");
        EXPECT_EQ(outcome.request.headers[2].value, "2");
        EXPECT_EQ(outcome.left, "GET /next") << i;
    }
}

TEST(RequestReader, NamesTheFaultWhereverTheRequestIsCut) {
    struct {
        std::string text;
        Fault fault;
    } const cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", Fault::malformed},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", Fault::malformed},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", Fault::malformed},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", Fault::malformed},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", Fault::malformed},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n", Fault::malformed},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", Fault::body_too_large},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\nx", Fault::body_too_large},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", Fault::malformed},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n", Fault::expectation_unknown},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(kHeaderBytes, 'x'), Fault::header_too_large},
        {"GET /" + std::string(kHeaderBytes, 'x'), Fault::header_too_large},
    };
    for (auto const& [text, fault] : cases) {
        for (std::size_t i = 0; i <= text.size(); ++i) {
            auto const outcome = read({std::string_view(text).substr(0, i), std::string_view(text).substr(i)});
            ASSERT_EQ(outcome.fault, fault) << text << " cut at " << i;
        }
    }
}

TEST(RequestReader, CountsTheHeaderAsAWholeHoweverSlowlyItComes) {
    RequestReader reader(kLimits);
    boost::beast::flat_buffer buffer;
    append(buffer, "GET / HTTP/1.1\r\nHost: a\r\n");
    std::optional<Fault> fault = reader.consume(buffer);
    std::size_t sent = 25;
    for (; !fault && sent < 10 * kHeaderBytes; sent += 6) {
        append(buffer, "X: 1\r\n");
        fault = reader.consume(buffer);
    }
    EXPECT_EQ(fault, Fault::header_too_large);
    EXPECT_LT(sent, kHeaderBytes + 16);
}

TEST(RequestReader, BoundsWhatItHoldsOfChunkSizesAndTrailers) {
    for (std::string const start : {"1;", "0\r\nX: "}) {
        RequestReader reader(kLimits);
        boost::beast::flat_buffer buffer;
        append(buffer, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + start);
        auto fault = reader.consume(buffer);
        for (int i = 0; !fault && i < 100; ++i) {
            append(buffer, std::string(100, 'x'));
            fault = reader.consume(buffer);
        }
        EXPECT_TRUE(fault.has_value()) << start;
        EXPECT_LT(buffer.size(), 2 * kHeaderBytes) << start;
    }
}

TEST(RequestReader, SetsLittleMemoryAsideForAnAnnouncedBody) {
    RequestReader reader({.header_bytes = kHeaderBytes, .body_bytes = std::size_t{1} << 30});
    boost::beast::flat_buffer buffer;
    append(buffer, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nx");
    ASSERT_FALSE(reader.consume(buffer).has_value());
    EXPECT_EQ(reader.request().body, "x");
    EXPECT_LT(reader.request().body.capacity(), std::size_t{1} << 20);
}

TEST(RequestReader, AwaitsContinueOnlyForABodyThatIsNotThere) {
    auto const awaits = [](std::string_view text) {
        RequestReader reader(kLimits);
        boost::beast::flat_buffer buffer;
        append(buffer, text);
        EXPECT_FALSE(reader.consume(buffer).has_value());
        return reader.awaits_continue();
    };
    EXPECT_TRUE(awaits("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"));
    EXPECT_FALSE(awaits("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx"));
    EXPECT_FALSE(awaits("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"));
    EXPECT_FALSE(awaits("POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"));
    EXPECT_FALSE(awaits("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n"));
}

TEST(RequestReader, SurvivesDamagedRequests) {
    std::string const good =
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n";
    std::mt19937 random(1);
    for (int round = 0; round < 20'000; ++round) {
        auto text = good;
        for (auto damage = random() % 4; damage-- > 0;) text[random() % text.size()] = static_cast<char>(random());
        auto const cut = random() % text.size();
        auto const outcome = read({std::string_view(text).substr(0, cut), std::string_view(text).substr(cut)});
        EXPECT_LE(outcome.request.body.size(), kBodyBytes);
    }
}

}  // namespace nexpo::http_host

// SPDX-License-Identifier: Apache-2.0
// Requests that two servers in a row could read differently, from the literature on request smuggling: CL.TE, TE.CL,
// TE.TE and the lenient readings of lengths, lines and chunks.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>

#include "http/request_reader.hpp"

namespace nexpo::http_host {

namespace {

constexpr RequestLimits kLimits{.header_bytes = 2048, .header_count = 20, .body_bytes = 1000};

void append(boost::beast::flat_buffer& buffer, std::string_view text) {
    if (text.empty()) return;
    auto const space = buffer.prepare(text.size());
    std::memcpy(space.data(), text.data(), text.size());
    buffer.commit(text.size());
}

/// Reads text that arrives in pieces of this many bytes.
std::optional<Fault> fault_of(std::string_view text, std::size_t piece) {
    RequestReader reader(kLimits);
    boost::beast::flat_buffer buffer;
    while (!text.empty() && !reader.is_done()) {
        append(buffer, text.substr(0, piece));
        text.remove_prefix(std::min(piece, text.size()));
        if (auto const fault = reader.consume(buffer)) return fault;
    }
    return std::nullopt;
}

void expect_fault(std::string const& text, std::optional<Fault> fault) {
    for (std::size_t const piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
        EXPECT_EQ(fault_of(text, piece), fault) << text << "\nin pieces of " << piece;
    }
}

/// A request with these header lines, followed by one that a careless reader would take for the next.
std::string post(std::string const& headers,
                 std::string const& body = "0\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n") {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

std::string chunked(std::string const& body) {
    return post("Transfer-Encoding: chunked\r\n", body);
}

}  // namespace

TEST(RequestFraming, RefusesLengthsThatCanBeReadInTwoWays) {
    for (char const* const length :
         {"+5", "0x5", "5,5", "5, 5", ",5", "5,", "-5", "5 5", "5;a", "", "\"5\"", "5.0", "5e0", "18446744073709551616",
          "99999999999999999999999999", "\v5", "5\v", "five", "\xd9\xa5"}) {
        expect_fault(post("Content-Length: " + std::string(length) + "\r\n"), Fault::malformed);
    }
    expect_fault(post("Content-Length: 5\r\nContent-Length: 5\r\n"), Fault::malformed);
    expect_fault(post("Content-Length: 5\r\nContent-Length: 6\r\n"), Fault::malformed);
    expect_fault(post("Content-Length: 5\r\ncontent-length: 5\r\n"), Fault::malformed);
    expect_fault(post("Content-Length: \t 5 \t\r\n", "abcde"), std::nullopt);
    expect_fault(post("Content-Length: 0005\r\n", "abcde"), std::nullopt);
}

TEST(RequestFraming, RefusesLengthAndCodingTogether) {
    for (char const* const coding :
         {"chunked", "Chunked", "xchunked", "identity", "gzip, chunked", "chunked, identity"}) {
        auto const line = "Transfer-Encoding: " + std::string(coding) + "\r\n";
        expect_fault(post("Content-Length: 5\r\n" + line), Fault::malformed);
        auto const reversed = fault_of(post(line + "Content-Length: 5\r\n"), 4096);
        EXPECT_TRUE(reversed.has_value()) << coding;
    }
}

TEST(RequestFraming, UnderstandsNoCodingButPlainChunked) {
    for (char const* const coding :
         {"xchunked", "chunked, identity", "identity", "identity, chunked", "gzip, chunked", "chunked, chunked",
          ",chunked", "chunked,", "chunked;q=1", "\"chunked\"", "cow", "chunked\xa0", "chunked;", "chunk", "x", ""}) {
        expect_fault(post("Transfer-Encoding: " + std::string(coding) + "\r\n"), Fault::coding_unknown);
    }
    for (char const* const lines :
         {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding : chunked\r\n",
          "Transfer-Encoding\t: chunked\r\n", " Transfer-Encoding: chunked\r\n", "\tTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding:\r\n chunked\r\n", "Transfer-Encoding:\n chunked\r\n",
          "Transfer-Encoding\r\n: chunked\r\n", "X: y\nTransfer-Encoding: chunked\r\n",
          "X: y\rTransfer-Encoding: chunked\r\n", "Transfer-Encoding: \vchunked\r\n",
          "Transfer-Encoding: chunked\f\r\n", "X: y\r\n\rTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\n Content-Length: 5\r\n"}) {
        expect_fault(post(lines), Fault::malformed);
    }
    expect_fault(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), Fault::malformed);
    expect_fault(post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"), Fault::coding_unknown);
    expect_fault("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Fault::malformed);
    expect_fault(post("Transfer-Encoding: \tChUnKeD \t\r\n"), std::nullopt);
}

TEST(RequestFraming, RefusesChunksThatCanBeReadInTwoWays) {
    for (std::string const body : {"zz\r\n\r\n",
                                   "\r\n\r\n\r\n",
                                   "0x3\r\nabc\r\n0\r\n\r\n",
                                   "+3\r\nabc\r\n0\r\n\r\n",
                                   "-3\r\nabc\r\n0\r\n\r\n",
                                   " 3\r\nabc\r\n0\r\n\r\n",
                                   "3 \r\nabc\r\n0\r\n\r\n",
                                   "3\nabc\r\n0\r\n\r\n",
                                   "3\r\nabc\n0\r\n\r\n",
                                   "3\r\nabcd\r\n0\r\n\r\n",
                                   "3\r\nabc0\r\n\r\n",
                                   "3\rabc\r\n0\r\n\r\n",
                                   "3\r\nabc\r0\r\n\r\n",
                                   "10000000000000003\r\nabc\r\n0\r\n\r\n",
                                   "ffffffffffffffffff\r\nabc\r\n",
                                   "3_0\r\nabc\r\n0\r\n\r\n",
                                   "3;\r\nabc\r\n0\r\n\r\n",
                                   "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n",
                                   "3;a=b c\r\nabc\r\n0\r\n\r\n",
                                   "0;a=\"\n\"\r\n\r\n",
                                   "0\n\r\nX: y\r\n\r\n",
                                   "0\r\nX : y\r\n\r\n",
                                   "0\r\nX: y\nZ: w\r\n\r\n",
                                   "0\r\nX: y\r\n z\r\n\r\n",
                                   "0\r\nContent-Length: 5\r\n\r\n",
                                   "0\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
        expect_fault(chunked(body), Fault::malformed);
    }
    expect_fault(chunked("3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n"), Fault::body_too_large);
    expect_fault(chunked("1f4\r\n" + std::string(500, 'x') + "\r\n1f5\r\n"), Fault::body_too_large);
    expect_fault(chunked("fffffffffffffff0\r\nabcdefgh"), Fault::body_too_large);
    expect_fault(chunked("3;a=b;c=\"d;e\";f\r\nabc\r\n00\r\nX: y\r\n\r\n"), std::nullopt);
    expect_fault(chunked("003\r\nabc\r\n0\r\n\r\n"), std::nullopt);
}

TEST(RequestFraming, BoundsWhatSurroundsTheChunks) {
    std::string extensions;
    for (int i = 0; i < 100; ++i) extensions += "1;" + std::string(100, 'a') + "\r\nx\r\n";
    expect_fault(chunked(extensions), Fault::malformed);
    std::string zeros;
    for (int i = 0; i < 100; ++i) zeros += std::string(100, '0') + "1\r\nx\r\n";
    expect_fault(chunked(zeros), Fault::malformed);
    std::string small;
    for (int i = 0; i < 900; ++i) small += "1\r\nx\r\n";
    expect_fault(chunked(small + "0\r\n\r\n"), std::nullopt);
    std::string trailers;
    for (int i = 0; i < 30; ++i) trailers += "X: y\r\n";
    expect_fault(chunked("0\r\n" + trailers + "\r\n"), Fault::header_too_large);
}

TEST(RequestFraming, RefusesWhatIsNoHeader) {
    for (std::string const& line : {std::string("X\r\n"),
                                    std::string(": x\r\n"),
                                    std::string("X : y\r\n"),
                                    std::string("X Y: z\r\n"),
                                    std::string("X: y\r\n z\r\n"),
                                    std::string("X: y\r\n\tz\r\n"),
                                    std::string("X:\r\n y\r\n"),
                                    std::string("X:\r\n \r\n"),
                                    std::string("X: y\r\n \r\n"),
                                    std::string("X:\r\n\t\r\n z\r\n"),
                                    std::string("X: y\nZ: w\r\n"),
                                    std::string("X: y\rZ: w\r\n"),
                                    std::string("X: a\0b\r\n", 8),
                                    std::string("X\0: b\r\n", 7),
                                    std::string("X: a\x1f\r\n"),
                                    std::string("X: a\x7f\r\n"),
                                    std::string("X\xc3\xa4: b\r\n"),
                                    std::string("(X): b\r\n"),
                                    std::string("\x01: b\r\n"),
                                    std::string("Host: b\r\n")}) {
        expect_fault(post(line, ""), Fault::malformed);
    }
    expect_fault(post("X: \xc3\xa4 \t b\r\n", ""), std::nullopt);
}

TEST(RequestFraming, RefusesWhatIsNoHost) {
    for (char const* const host : {"a b", "a,b c", "user@a", "a/b", "a?b", "a#b", "<a>", "a\\b", "a\"b", "\xc3\xa4"}) {
        expect_fault("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n", Fault::malformed);
    }
    for (char const* const host : {"", "a", "a.example:8080", "127.0.0.1", "[::1]:80", "xn--4ca.example", "a_b"}) {
        expect_fault("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n", std::nullopt);
    }
    expect_fault("GET / HTTP/1.1\r\n\r\n", Fault::malformed);
    expect_fault("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Fault::malformed);
    expect_fault("GET / HTTP/1.0\r\n\r\n", std::nullopt);
}

TEST(RequestFraming, RefusesWhatIsNoRequestLine) {
    for (std::string const& line :
         {std::string("GET /\r\n"), std::string("GET / HTTP/0.9\r\n"), std::string("GET / HTTP/2.0\r\n"),
          std::string("PRI * HTTP/2.0\r\n"), std::string("GET / HTTP/1.1 \r\n"), std::string("GET / http/1.1\r\n"),
          std::string("GET  / HTTP/1.1\r\n"), std::string("GET\t/ HTTP/1.1\r\n"), std::string(" GET / HTTP/1.1\r\n"),
          std::string("GET /a b HTTP/1.1\r\n"), std::string("GET / HTTP/1.1\n"), std::string("GET / HTTP/1.1\r\r\n"),
          std::string("GET / HTTP/1.1\rX: y\r\n"), std::string("GET /\0 HTTP/1.1\r\n", 17),
          std::string("G\xc3\x84T / HTTP/1.1\r\n"), std::string("GET / HTTP/1.10\r\n"),
          std::string("GET / HTTP/11\r\n"), std::string("\n\nGET / HTTP/1.1\r\n"), std::string("{\"a\": 1}\r\n")}) {
        expect_fault(line + "Host: a\r\n\r\n", Fault::malformed);
    }
    expect_fault("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", Fault::tunnel);
    expect_fault("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", std::nullopt);
    expect_fault("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", std::nullopt);
}

TEST(RequestFraming, CountsHeaders) {
    std::string lines;
    for (int i = 0; i < 19; ++i) lines += "X: y\r\n";
    expect_fault("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n", std::nullopt);
    expect_fault("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "X: y\r\n\r\n", Fault::header_too_large);
}

}  // namespace nexpo::http_host

// SPDX-License-Identifier: Apache-2.0
#include "net/response_reader.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "base/gzip.hpp"

namespace nexpo::net {
namespace {

Result<HttpResponse> read(std::initializer_list<char const*> lines, std::string const& body = "",
                          HttpRequest const& request = {}) {
    ResponseReader reader(request);
    for (auto const* const line : lines) {
        if (!reader.take_line(line)) return *reader.fault();
    }
    if (!reader.take_body(body)) return *reader.fault();
    return reader.finish();
}

TEST(ResponseReader, KeepsTheFinalHeaders) {
    auto const response =
        read({"HTTP/1.1 100 Continue\r\n", "\r\n", "HTTP/2 103 \r\n", "Early: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n",
              "HTTP/3: 2\r\n", "Late:\t3 \r\n", "no header\r\n", "\r\n", "HTTP/1.1 500 X: 4\r\n", "Trailer: 5\r\n"})
            .value();
    ASSERT_EQ(response.headers.size(), 2U);
    EXPECT_EQ(*find_header(response.headers, "HTTP/3"), "2");
    EXPECT_EQ(*find_header(response.headers, "late"), "3");
    EXPECT_EQ(read({"HTTP/1.1 101 Switching\r\n", "X: 1\r\n", "\r\n"})->headers.size(), 1U);
}

TEST(ResponseReader, WantsAnEndOfTheHeaders) {
    for (auto const& outcome : {read({}), read({"HTTP/1.1 200 OK\r\n"}), read({"HTTP/1.1 200\r\n", "X: 1\r\n"}),
                                read({"HTTP/1.1 100 Continue\r\n", "\r\n"})}) {
        EXPECT_EQ(outcome.error().reason, "connection_lost");
    }
}

TEST(ResponseReader, HasLimits) {
    HttpRequest const small{.max_response_bytes = 3, .max_header_bytes = 20};
    auto const packed = base::gzip(std::string(100, 'x')).value();
    EXPECT_EQ(read({"HTTP/1.1 200\r\n", "\r\n"}, "abc", small)->body, "abc");
    EXPECT_EQ(read({"HTTP/1.1 200\r\n", "\r\n"}, "abcd", small).error().reason, "response_too_large");
    EXPECT_EQ(read({"HTTP/1.1 200\r\n", "X: 12\r\n"}, "", small).error().reason, "response_too_large");
    EXPECT_EQ(read({"HTTP/1.1 200\r\n", "Content-Encoding: gzip\r\n", "\r\n"}, packed, {.max_response_bytes = 99})
                  .error()
                  .reason,
              "response_too_large");
}

TEST(ResponseReader, KnowsGzipOnly) {
    auto const packed = base::gzip("whole").value();
    EXPECT_EQ(read({"HTTP/2 200\r\n", "content-encoding: X-gzip\r\n", "\r\n"}, packed)->body, "whole");
    EXPECT_EQ(read({"HTTP/2 200\r\n", "content-encoding: identity\r\n", "\r\n"}, packed)->body, packed);
    EXPECT_EQ(read({"HTTP/2 200\r\n", "content-encoding: gzip\r\n", "\r\n"})->body, "");
    for (std::size_t cut = 1; cut < packed.size(); ++cut) {
        auto const outcome = read({"HTTP/2 200\r\n", "content-encoding: gzip\r\n", "\r\n"}, packed.substr(0, cut));
        EXPECT_EQ(outcome.error().reason, "response_invalid") << cut;
    }
    for (auto const* const line : {"content-encoding: br\r\n", "content-encoding: gzip, gzip\r\n",
                                   "transfer-encoding: gzip, chunked\r\n", "Transfer-Encoding: gzip\r\n"}) {
        EXPECT_EQ(read({"HTTP/2 200\r\n", line, "\r\n"}, packed).error().reason, "response_invalid") << line;
    }
}

}  // namespace
}  // namespace nexpo::net

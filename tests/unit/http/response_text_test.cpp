// SPDX-License-Identifier: Apache-2.0
#include "http/response_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nexpo/json.hpp"

namespace nexpo::http_host {

namespace {

using testing::HasSubstr;
using testing::Not;

std::string head_of(Response const& response, std::string_view method, Persistence persistence) {
    std::string out = "what the last response left";
    write_head(out, response, method, persistence, "Sun, 06 Nov 1994 08:49:37 GMT");
    return out;
}

}  // namespace

TEST(ResponseText, WritesStatusDateHeadersAndLength) {
    Response const response{
        .status = 201, .headers = {{"ETag", "\"v1\""}}, .body = "12345", .fixed_headers = "Vary: Origin\r\n"};
    EXPECT_EQ(head_of(response, "POST", Persistence::keep_alive),
              "HTTP/1.1 201 Created\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nETag: \"v1\"\r\nVary: "
              "Origin\r\nContent-Length: 5\r\n\r\n");
}

TEST(ResponseText, SaysWhatHappensToTheConnection) {
    EXPECT_THAT(head_of({}, "GET", Persistence::close), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(head_of({}, "GET", Persistence::keep_alive_for_1_0), HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_THAT(head_of({}, "GET", Persistence::keep_alive), Not(HasSubstr("Connection")));
}

TEST(ResponseText, LeavesOutHeadersThatBreakTheLine) {
    Response const response{
        .headers = {{"Location", "/x\r\nSet-Cookie: a=b"}, {"X\n", "y"}, {"Z", std::string("a\0b", 3)}}};
    auto const head = head_of(response, "GET", Persistence::keep_alive);
    EXPECT_THAT(head, Not(HasSubstr("Set-Cookie")));
    EXPECT_THAT(head, Not(HasSubstr("Location")));
    EXPECT_THAT(head, Not(HasSubstr("Z: ")));
}

TEST(ResponseText, ClaimsALengthOnlyWhereThereIsOne) {
    EXPECT_THAT(head_of({.status = 204}, "DELETE", Persistence::keep_alive), Not(HasSubstr("Content-Length")));
    EXPECT_THAT(head_of({.status = 304}, "GET", Persistence::keep_alive), Not(HasSubstr("Content-Length")));
    EXPECT_THAT(head_of({.status = 200}, "HEAD", Persistence::keep_alive), Not(HasSubstr("Content-Length")));
    EXPECT_THAT(head_of({.status = 200}, "GET", Persistence::keep_alive), HasSubstr("Content-Length: 0\r\n"));
    EXPECT_TRUE(has_body("GET", 200));
    EXPECT_FALSE(has_body("HEAD", 200));
    EXPECT_FALSE(has_body("GET", 304));
}

TEST(ResponseText, WritesDatesAsHttpDoes) {
    EXPECT_EQ(http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(http_date(1'709'164'800), "Thu, 29 Feb 2024 00:00:00 GMT");
}

TEST(ResponseText, ProblemsHaveTheLibrarysForm) {
    auto const response = problem(413, Errc::invalid_argument, "body_too_large", "The body is too large.");
    auto const body = Json::parse(response.body);
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(*body->find("type"), Json("/problems/body_too_large"));
    EXPECT_EQ(*body->find("title"), Json("Body too large"));
    EXPECT_EQ(*body->find("status"), Json(413));
    EXPECT_EQ(*body->find("code"), Json("invalid_argument"));
    EXPECT_EQ(*body->find("reason"), Json("body_too_large"));
    ASSERT_TRUE(response.header("X-Request-Id"));
    EXPECT_EQ(*body->find("request_id"), Json(*response.header("X-Request-Id")));
}

}  // namespace nexpo::http_host

// SPDX-License-Identifier: Apache-2.0
#include "gateway/answer.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/sample.hpp"

namespace nexpo::gateway {
namespace {

using namespace std::chrono_literals;
using operation::Outcome;
using sample::GetNote;
using sample::Note;

AnyOutput note(std::int64_t version) {
    return std::make_shared<Note const>(Note{.id = "note_1", .title = "t", .version = version});
}

Response answer(AnyOperation const& operation, Request request, Outcome outcome) {
    auto const route = make_route(operation).value();
    Exchange exchange(std::move(request));
    exchange.route = &route;
    exchange.target = parse_target(exchange.request.target).value();
    exchange.query = parse_query(exchange.target.query).value();
    if (exchange.fields.if_match) exchange.if_version = std::int64_t{7};
    outcome.request_id = "req_1";
    outcome.traceparent = "00-trace";
    return outcome_answer(exchange, std::move(outcome));
}

std::string header(Response const& response, std::string_view name) {
    return std::string(response.header(name).value_or("(none)"));
}

AnyOperation const kGet = sample::operation<GetNote, Note>(
    {.name = "notes.get", .rest = "GET /notes/{id}", .reasons = {{Errc::unauthenticated, "password_wrong"}}});
AnyOperation const kCreate = sample::operation<GetNote, Note>(
    {.name = "notes.create", .kind = OperationKind::mutation, .rest = "POST /notes", .location = "/notes/{id}"});
AnyOperation const kUpdate = sample::operation<GetNote, Note>(
    {.name = "notes.update", .kind = OperationKind::mutation, .rest = "PATCH /notes/{id}"});
AnyOperation const kRemove = sample::operation<GetNote, Empty>(
    {.name = "notes.remove", .kind = OperationKind::mutation, .rest = "DELETE /notes/{id}"});
AnyOperation const kList = sample::operation<sample::Search, Page<Note>>({.name = "notes.list", .rest = "GET /notes"});
AnyOperation const kKeys =
    sample::operation<Empty, Note>({.name = "keys.get", .rest = "GET /.well-known/keys", .access = Access::anyone});

TEST(Answer, IsTheOutputAsJson) {
    auto const response = answer(kGet, {.method = "GET", .target = "/notes/1"}, {.result = note(7)});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, R"({"id":"note_1","title":"t","version":7})");
    EXPECT_EQ(header(response, "content-type"), "application/json");
    EXPECT_EQ(header(response, "etag"), "\"v7\"");
    EXPECT_EQ(header(response, "x-request-id"), "req_1");
    EXPECT_EQ(header(response, "traceparent"), "00-trace");
    EXPECT_EQ(header(response, "cache-control"), "no-store");
    for (auto const* name : {"location", "link", "ratelimit", "idempotency-replayed", "www-authenticate"}) {
        EXPECT_EQ(header(response, name), "(none)");
    }
}

TEST(Answer, SaysWhereTheNewRecordIs) {
    auto const response =
        answer(kCreate, {.method = "POST", .target = "/notes"}, {.result = note(1), .replayed = true});
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(header(response, "location"), "/notes/note_1");
    EXPECT_EQ(header(response, "idempotency-replayed"), "true");
}

TEST(Answer, IsEmptyForAnEmptyOutput) {
    auto const response = answer(kRemove, {.method = "DELETE", .target = "/notes/1"},
                                 {.result = AnyOutput(std::make_shared<Empty const>())});
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(header(response, "content-type"), "(none)");
}

TEST(Answer, IsNotRepeatedToWhoHasIt) {
    auto const known = answer(kGet, {.method = "GET", .target = "/notes/1", .headers = {{"If-None-Match", "W/\"v7\""}}},
                              {.result = note(7)});
    EXPECT_EQ(known.status, 304);
    EXPECT_EQ(known.body, "");
    EXPECT_EQ(header(known, "etag"), "\"v7\"");
    EXPECT_EQ(header(known, "x-request-id"), "req_1");
    auto const changed = answer(kGet, {.method = "GET", .target = "/notes/1", .headers = {{"If-None-Match", "\"v6\""}}},
                                {.result = note(7)});
    EXPECT_EQ(changed.status, 200);
}

TEST(Answer, KeepsToIfMatch) {
    Request const get{.method = "GET", .target = "/notes/1", .headers = {{"If-Match", "\"v7\""}}};
    EXPECT_EQ(answer(kGet, get, {.result = note(7)}).status, 200);
    EXPECT_EQ(answer(kGet, get, {.result = note(8)}).status, 412);
    Request const patch{.method = "PATCH", .target = "/notes/1", .headers = {{"If-Match", "\"v7\""}}};
    EXPECT_EQ(answer(kUpdate, patch, {.result = note(8)}).status, 200);
    EXPECT_EQ(answer(kUpdate, patch, {.result = Error{Errc::aborted, "version_mismatch", ""}}).status, 412);
    EXPECT_EQ(answer(kUpdate, {.method = "PATCH", .target = "/notes/1"},
                     {.result = Error{Errc::aborted, "version_mismatch", ""}})
                  .status,
              409);
}

TEST(Answer, LinksToTheNextPage) {
    auto page = std::make_shared<Page<Note>>();
    page->next = "a+/=&>";
    auto const response = answer(kList, {.method = "GET", .target = "/notes?limit=2&tags=a%3E&cursor=old&tags=b+c"},
                                 {.result = AnyOutput(page)});
    EXPECT_EQ(header(response, "link"), "</notes?limit=2&tags=a%3E&tags=b%20c&cursor=a%2B%2F%3D%26%3E>; rel=\"next\"");
    page->next.reset();
    auto const last = answer(kList, {.method = "GET", .target = "/notes"}, {.result = AnyOutput(page)});
    EXPECT_EQ(header(last, "link"), "(none)");
}

TEST(Answer, TellsLimits) {
    operation::LimitState const limit{.name = "caller", .limit = 600, .remaining = 599, .reset = 1ms};
    auto const good = answer(kGet, {.method = "GET", .target = "/notes/1"}, {.result = note(1), .limit = limit});
    EXPECT_EQ(header(good, "ratelimit-policy"), "\"caller\";q=600;w=60");
    EXPECT_EQ(header(good, "ratelimit"), "\"caller\";r=599;t=1");

    operation::LimitState const spent{.name = "address", .limit = 20, .remaining = 0, .reset = 2001ms};
    Error const error{.code = Errc::resource_exhausted, .reason = "rate_limited", .retry_after = 2001ms};
    auto const refused = answer(kGet, {.method = "GET", .target = "/notes/1"}, {.result = error, .limit = spent});
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(header(refused, "retry-after"), "3");
    EXPECT_EQ(header(refused, "ratelimit"), "\"address\";r=0;t=3");
}

TEST(Answer, ChallengesWhoIsNotSignedIn) {
    Request const bare{.method = "GET", .target = "/notes/1"};
    Request const token{.method = "GET", .target = "/notes/1", .headers = {{"Authorization", "Bearer x"}}};
    Error const sign_in{.code = Errc::unauthenticated, .reason = "sign_in_required"};
    Error const expired{.code = Errc::unauthenticated, .reason = "token_expired"};
    Error const password{.code = Errc::unauthenticated, .reason = "password_wrong"};
    EXPECT_EQ(header(answer(kGet, bare, {.result = sign_in}), "www-authenticate"), "Bearer realm=\"nexpo\"");
    EXPECT_EQ(header(answer(kGet, token, {.result = expired}), "www-authenticate"),
              "Bearer realm=\"nexpo\", error=\"invalid_token\"");
    EXPECT_EQ(header(answer(kGet, token, {.result = password}), "www-authenticate"), "Bearer realm=\"nexpo\"");
}

TEST(Answer, IsAProblemWhenTheCallFailed) {
    auto const response = answer(kGet, {.method = "GET", .target = "/notes/1"},
                                 {.result = Error{Errc::unavailable, "closed", "m", {}, 0ms}});
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(header(response, "content-type"), "application/problem+json");
    EXPECT_EQ(header(response, "cache-control"), "no-store");
    EXPECT_EQ(header(response, "retry-after"), "1");
    EXPECT_NE(response.body.find("\"request_id\":\"req_1\""), std::string::npos);
}

TEST(Answer, MayBeCachedOnlyWhenPublic) {
    auto const response = answer(kKeys, {.method = "GET", .target = "/.well-known/keys"}, {.result = note(1)});
    EXPECT_EQ(header(response, "cache-control"), "public, max-age=300");
}

}  // namespace
}  // namespace nexpo::gateway

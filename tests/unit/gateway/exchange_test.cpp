// SPDX-License-Identifier: Apache-2.0
#include "gateway/exchange.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/sample.hpp"

namespace nexpo::gateway {
namespace {

using sample::Change;
using sample::GetNote;
using sample::Note;

struct Table {
    Table() {
        for (auto const& operation : operations) {
            routes.push_back(*make_route(operation));
            router.add(routes.back().method, routes.back().path, routes.size() - 1);
        }
    }

    std::vector<AnyOperation> operations{
        sample::operation<GetNote, Note>({.name = "notes.get", .rest = "GET /notes/{id}"}),
        sample::operation<Change, Note>(
            {.name = "notes.update", .kind = OperationKind::mutation, .rest = "PATCH /notes/{id}"}),
        sample::operation<GetNote, Empty>(
            {.name = "notes.remove", .kind = OperationKind::mutation, .rest = "DELETE /notes/{id}"}),
        sample::operation<Change, Note>(
            {.name = "notes.create", .kind = OperationKind::mutation, .rest = "POST /notes"}),
    };
    std::vector<Route> routes{};
    Router router{};
};

struct Examined {
    int status = 0;  // 0: passed on
    std::string reason{};
    std::vector<Header> headers{};
    std::string idempotency_key{};
    std::optional<std::int64_t> if_version{};
};

Examined examine(Request request) {
    static Table const table;
    Exchange exchange(std::move(request));
    auto refused = locate(exchange, table.router, table.routes, 8U << 20U);
    if (!refused && exchange.route != nullptr) refused = inspect(exchange);
    if (refused) return {refused->status, refused->error.reason, refused->headers};
    return {.idempotency_key = exchange.idempotency_key, .if_version = exchange.if_version};
}

TEST(Exchange, RefusesWhatCannotBeAnswered) {
    std::vector<Header> const json{{"Content-Type", "application/json"}};
    struct Case {
        Request request;
        int status;
        char const* reason;
    };
    for (auto const& [request, status, reason] : {
             Case{{.method = "GET", .target = "/notes/7"}, 0, ""},
             Case{{.method = "HEAD", .target = "/notes/7"}, 0, ""},
             Case{{.method = "OPTIONS", .target = "/notes/7"}, 0, ""},
             Case{{.method = "POST", .target = "/notes"}, 0, ""},
             Case{{.method = "POST", .target = "/notes", .headers = json, .body = "{}"}, 0, ""},
             Case{{.method = "GET", .target = "http://example.org/notes/7"}, 0, ""},
             Case{{.method = "GET", .target = "notes"}, 400, "target_malformed"},
             Case{{.method = "GET", .target = "/notes/%"}, 400, "target_malformed"},
             Case{{.method = "GET", .target = "/notes/7?%"}, 400, "target_malformed"},
             Case{{.method = "GET", .target = "/nothing"}, 404, "path_unknown"},
             Case{{.method = "OPTIONS", .target = "/nothing"}, 404, "path_unknown"},
             Case{{.method = "GET", .target = "/notes"}, 405, "method_not_allowed"},
             Case{{.method = "get", .target = "/notes/7"}, 405, "method_not_allowed"},
             Case{{.method = "", .target = "/notes/7"}, 405, "method_not_allowed"},
             Case{{.method = "GET", .target = "/" + std::string(8192, 'a')}, 414, "target_too_long"},
             Case{{.method = "GET", .target = "/" + std::string(8191, 'a')}, 404, "path_unknown"},
             Case{{.method = "GET", .target = "/notes/7", .headers = {{"X", std::string(70'000, 'a')}}},
                  431,
                  "headers_too_large"},
             Case{{.method = "POST", .target = "/notes", .headers = json, .body = std::string(9 << 20, ' ')},
                  413,
                  "body_too_large"},
             Case{{.method = "GET", .target = "/notes/7", .headers = json, .body = "{}"}, 400, "body_not_allowed"},
             Case{{.method = "HEAD", .target = "/notes/7", .body = "{}"}, 400, "body_not_allowed"},
             Case{{.method = "DELETE", .target = "/notes/7", .headers = json, .body = "{}"}, 400, "body_not_allowed"},
             Case{{.method = "POST", .target = "/notes", .body = "{}"}, 415, "media_type_unsupported"},
             Case{{.method = "POST",
             .target = "/notes",
             .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
             .body = "a=b"},
                  415,
                  "media_type_unsupported"},
             Case{{.method = "POST",
             .target = "/notes",
             .headers = {{"Content-Type", "application/merge-patch+json"}},
             .body = "{}"},
                  415,
                  "media_type_unsupported"},
             Case{{.method = "PATCH",
             .target = "/notes/7",
             .headers = {{"Content-Type", "application/merge-patch+json"}},
             .body = "{}"},
                  0,
                  ""},
             Case{{.method = "POST",
             .target = "/notes",
             .headers = {{"Content-Type", "application/json"}, {"Content-Encoding", "br"}},
             .body = "{}"},
                  415,
                  "encoding_unsupported"},
             Case{{.method = "POST",
             .target = "/notes",
             .headers = {{"Content-Type", "application/json"}, {"Content-Type", "application/json"}},
             .body = "{}"},
                  415,
                  "media_type_unsupported"},
             Case{{.method = "GET", .target = "/notes/7", .headers = {{"Accept", "text/html"}}}, 406, "not_acceptable"},
             Case{{.method = "POST", .target = "/notes", .headers = {{"Idempotency-Key", "a b"}}},
                  400,
                  "header_invalid"},
             Case{{.method = "PATCH", .target = "/notes/7", .headers = {{"If-Match", "v7"}}}, 400, "header_invalid"},
             Case{
                 {.method = "PATCH", .target = "/notes/7", .headers = {{"If-None-Match", "*"}}}, 400, "header_invalid"},
         }) {
        auto const examined = examine(request);
        EXPECT_EQ(examined.status, status) << request.method << ' ' << request.target.substr(0, 40);
        EXPECT_EQ(examined.reason, reason) << request.method << ' ' << request.target.substr(0, 40);
    }
}

TEST(Exchange, SaysWhatWouldHaveBeenRight) {
    auto const method = examine({.method = "PUT", .target = "/notes/7"});
    ASSERT_EQ(method.headers.size(), 1U);
    EXPECT_EQ(method.headers[0].name, "Allow");
    EXPECT_EQ(method.headers[0].value, "GET, HEAD, PATCH, DELETE, OPTIONS");
    auto const type = examine({.method = "PATCH", .target = "/notes/7", .body = "x"});
    ASSERT_EQ(type.headers.size(), 1U);
    EXPECT_EQ(type.headers[0].name, "Accept-Patch");
}

TEST(Exchange, ReadsOptionsOfTheCall) {
    auto const examined = examine(
        {.method = "PATCH", .target = "/notes/7", .headers = {{"Idempotency-Key", "\"key\""}, {"If-Match", "\"v7\""}}});
    EXPECT_EQ(examined.idempotency_key, "key");
    EXPECT_EQ(examined.if_version, 7);
    auto const query = examine({.method = "GET", .target = "/notes/7", .headers = {{"Idempotency-Key", "a b"}}});
    EXPECT_EQ(query.status, 0);
    EXPECT_EQ(query.idempotency_key, "");
}

}  // namespace
}  // namespace nexpo::gateway

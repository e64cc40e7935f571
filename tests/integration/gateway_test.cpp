// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestBackend;
using ::testing::UnorderedElementsAre;

std::string header(Response const& response, std::string_view name) {
    return std::string(response.header(name).value_or("(none)"));
}

Json json_of(Response const& response) {
    auto json = Json::parse(response.body);
    EXPECT_TRUE(json) << response.body;
    return json ? *json : Json();
}

std::string text_of(Response const& response, std::string_view member) {
    auto const json = json_of(response);
    auto const* value = json.find(member);
    return value != nullptr && value->if_string() != nullptr ? *value->if_string() : "(none)";
}

std::vector<std::string> violations_of(Response const& response) {
    std::vector<std::string> texts;
    auto const json = json_of(response);
    auto const* violations = json.find("violations");
    if (violations == nullptr || violations->if_array() == nullptr) return texts;
    for (auto const& violation : *violations->if_array()) {
        texts.push_back(*violation.find("field")->if_string() + ' ' + *violation.find("rule")->if_string());
    }
    return texts;
}

/// A backend behind its gateway. Checks what holds for every answer.
class Door {
 public:
    explicit Door(void (*adjust)(Config&) = nullptr) : test_(adjust), gateway_(test_.backend.gateway()) {}

    Response send(Request request) const {
        bool const is_head = request.method == "HEAD";
        auto response = gateway_.handle(std::move(request));
        EXPECT_THAT(header(response, "X-Request-Id"), Not("(none)"));
        EXPECT_THAT(header(response, "traceparent"), StartsWith("00-"));
        EXPECT_THAT(header(response, "Cache-Control"), Not("(none)"));
        bool const has_no_body = is_head || response.status == 204 || response.status == 304;
        EXPECT_TRUE(!has_no_body || response.body.empty()) << response.body;
        if (response.status >= 400 && !is_head && header(response, "Content-Type") == "application/problem+json") {
            EXPECT_EQ(text_of(response, "request_id"), header(response, "X-Request-Id"));
            EXPECT_EQ(*json_of(response).find("status"), Json(response.status));
        }
        return response;
    }

    Response get(std::string target, std::vector<Header> more = {}) const {
        return send({.method = "GET", .target = std::move(target), .headers = with_token(std::move(more))});
    }

    Response send_json(std::string method, std::string target, std::string body, std::vector<Header> more = {}) const {
        more.push_back({"Content-Type", "application/json"});
        return send({.method = std::move(method),
                     .target = std::move(target),
                     .headers = with_token(std::move(more)),
                     .body = std::move(body),
                     .peer = "192.0.2.1"});
    }

    /// Signs up; later requests carry the token.
    void sign_up(std::string const& email) {
        auto const answer =
            send_json("POST", "/auth/register", R"({"password":"correct horse","email":")" + email + "\"}");
        ASSERT_EQ(answer.status, 200) << answer.body;
        token_ = text_of(answer, "access_token");
        user_id_ = text_of(answer, "user_id");
    }

    void sign_out() { token_.clear(); }
    void use_token(std::string token) { token_ = std::move(token); }
    std::string const& token() const { return token_; }
    std::string const& user_id() const { return user_id_; }
    TestBackend const& test() const { return test_; }
    Gateway const& gateway() const { return gateway_; }

 private:
    std::vector<Header> with_token(std::vector<Header> headers) const {
        if (!token_.empty()) headers.push_back({"Authorization", "Bearer " + token_});
        return headers;
    }

    TestBackend test_;
    Gateway gateway_;
    std::string token_;
    std::string user_id_;
};

struct SignedIn : Door {
    explicit SignedIn(void (*adjust)(Config&) = nullptr) : Door(adjust) { sign_up("ada@example.com"); }
};

TEST(Gateway, CarriesARecordThroughItsLife) {
    SignedIn const door;
    auto const created = door.send_json("POST", "/users", R"({"email":"bob@example.com","role":"viewer"})");
    ASSERT_EQ(created.status, 201) << created.body;
    auto const path = header(created, "Location");
    EXPECT_EQ(path, "/users/" + text_of(created, "id"));
    EXPECT_EQ(header(created, "ETag"), "\"v1\"");

    auto const read = door.get(path);
    EXPECT_EQ(read.status, 200);
    EXPECT_EQ(read.body, created.body);
    EXPECT_EQ(door.get(path, {{"If-None-Match", "\"v1\""}}).status, 304);

    auto const changed = door.send_json("PATCH", path, R"({"name":"Bob"})", {{"If-Match", "\"v1\""}});
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(header(changed, "ETag"), "\"v2\"");
    EXPECT_EQ(door.get(path, {{"If-None-Match", "\"v1\""}}).status, 200);

    for (auto const* stale : {"\"v1\"", "W/\"v2\"", "\"other\""}) {
        auto const refused = door.send_json("PATCH", path, R"({"name":"Rob"})", {{"If-Match", stale}});
        EXPECT_EQ(refused.status, 412) << stale;
        EXPECT_EQ(text_of(refused, "reason"), "version_mismatch");
    }
    EXPECT_EQ(text_of(door.get(path), "name"), "Bob");
    EXPECT_EQ(door.send_json("PATCH", path, R"({"name":"Rob"})", {{"If-Match", "*"}}).status, 200);

    EXPECT_EQ(door.send_json("DELETE", path, "").status, 204);
    auto const gone = door.get(path);
    EXPECT_EQ(gone.status, 404);
    EXPECT_EQ(text_of(gone, "type"), "/problems/user_not_found");
}

TEST(Gateway, PrefersWordsOverParameters) {
    SignedIn const door;
    EXPECT_EQ(text_of(door.get("/users/me"), "id"), door.user_id());
    EXPECT_EQ(text_of(door.get("/users/" + door.user_id()), "email"), "ada@example.com");
}

TEST(Gateway, LeadsThroughPages) {
    SignedIn const door;
    for (auto const* name : {"b", "c", "d"}) {
        door.test().clock->advance(std::chrono::milliseconds(1));
        ASSERT_EQ(door.send_json("POST", "/users", R"({"email":")" + std::string(name) + R"(@example.com"})").status,
                  201);
    }
    std::vector<std::string> emails;
    std::string target = "/users?limit=3";
    for (int pages = 0; pages < 5 && !target.empty(); ++pages) {
        auto const page = door.get(target);
        ASSERT_EQ(page.status, 200) << page.body;
        auto const json = json_of(page);
        for (auto const& user : *json.find("items")->if_array()) {
            emails.push_back(*user.find("email")->if_string());
        }
        auto const link = header(page, "Link");
        target = link == "(none)" ? "" : link.substr(1, link.find('>') - 1);
        if (!target.empty()) {
            EXPECT_THAT(link, StartsWith("</users?limit=3&cursor="));
        }
    }
    EXPECT_THAT(emails, ElementsAre("ada@example.com", "b@example.com", "c@example.com", "d@example.com"));
    EXPECT_EQ(text_of(door.get("/users?cursor=forged"), "reason"), "cursor_invalid");
}

TEST(Gateway, RepeatsTheFirstAnswerForAnIdempotencyKey) {
    SignedIn const door;
    std::string const body = R"({"email":"bob@example.com"})";
    auto const first = door.send_json("POST", "/users", body, {{"Idempotency-Key", "\"key-1\""}});
    auto const again = door.send_json("POST", "/users", body, {{"Idempotency-Key", "key-1"}});
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(header(first, "Idempotency-Replayed"), "(none)");
    EXPECT_EQ(header(again, "Idempotency-Replayed"), "true");
    EXPECT_EQ(header(again, "Location"), header(first, "Location"));
    auto const other =
        door.send_json("POST", "/users", R"({"email":"eve@example.com"})", {{"Idempotency-Key", "key-1"}});
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(text_of(other, "reason"), "idempotency_key_reused");
    EXPECT_EQ(door.send_json("POST", "/users", body, {{"Idempotency-Key", "not visible"}}).status, 400);
}

TEST(Gateway, KnowsCallersByBearerTokenOnly) {
    SignedIn door;
    auto const token = door.token();
    door.sign_out();
    auto const nobody = door.get("/users/me");
    EXPECT_EQ(nobody.status, 401);
    EXPECT_EQ(header(nobody, "WWW-Authenticate"), "Bearer realm=\"nexpo\"");

    EXPECT_EQ(door.get("/users/me", {{"authorization", "bEARER " + token}}).status, 200);
    for (auto const* wrong : {"Basic YWRhOnB3", "Bearer", "Bearer not.a.token", "Bearer \"quoted\""}) {
        auto const refused = door.get("/users/me", {{"Authorization", std::string(wrong)}});
        EXPECT_EQ(refused.status, 401) << wrong;
        EXPECT_THAT(header(refused, "WWW-Authenticate"), HasSubstr("error=\"invalid_token\"")) << wrong;
    }
    std::string const bearer = "Bearer " + token;
    EXPECT_EQ(door.get("/users/me", {{"Authorization", bearer}, {"Authorization", bearer}}).status, 401);
    EXPECT_EQ(door.get("/users/me?access_token=" + token).status, 401);

    auto const password = door.send_json("POST", "/auth/login", R"({"email":"ada@example.com","password":"wrong"})",
                                         {{"Authorization", "Bearer stale"}});
    EXPECT_EQ(password.status, 401);
    EXPECT_EQ(text_of(password, "reason"), "credentials_invalid");
    EXPECT_EQ(header(password, "WWW-Authenticate"), "Bearer realm=\"nexpo\"");
}

TEST(Gateway, DoesNotTellForeignRecordsFromUnknownOnes) {
    SignedIn door;
    auto const foreign = door.user_id();
    door.sign_out();
    door.sign_up("eve@example.com");
    auto unknown = foreign;
    unknown.back() = unknown.back() == '0' ? '1' : '0';
    auto const one = door.get("/users/" + foreign, {{"X-Request-Id", "same"}});
    auto const other = door.get("/users/" + unknown, {{"X-Request-Id", "same"}});
    EXPECT_EQ(one.status, 404);
    EXPECT_EQ(one.body, other.body);
    EXPECT_EQ(door.send_json("DELETE", "/users/" + foreign, "").status, 404);
}

TEST(Gateway, ReportsEverythingThatIsWrongAtOnce) {
    SignedIn const door;
    auto const body = door.send_json("POST", "/users?dry=1",
                                     R"({"email":7,"name":["x"],"role":"king","password":"short","extra":null})");
    EXPECT_EQ(body.status, 400);
    EXPECT_EQ(text_of(body, "reason"), "validation_failed");
    EXPECT_THAT(violations_of(body), UnorderedElementsAre("/dry unknown", "/email type", "/name type", "/role enum",
                                                          "/password min", "/extra unknown"));
    EXPECT_THAT(violations_of(door.get("/users?limit=0&role=king&role=x&page=2&cursor=%FF")),
                UnorderedElementsAre("/limit min", "/role unique", "/page unknown", "/cursor utf8"));
    auto const id = door.send_json("PATCH", "/users/" + door.user_id(), R"({"id":"usr_other","name":"A"})");
    EXPECT_THAT(violations_of(id), ElementsAre("/id path"));
}

TEST(Gateway, RefusesHostileBodies) {
    SignedIn const door;
    std::string deep(10'000, '[');
    std::string many = "{\"a0\":0";
    for (int i = 1; i < 50'000; ++i) many += ",\"a" + std::to_string(i) + "\":0";
    struct Case {
        std::string body;
        char const* reason;
    };
    for (auto const& [body, reason] : {
             Case{"{", "json_malformed"},
             Case{deep, "json_malformed"},
             Case{R"({"email":"a@b","email":"c@d"})", "json_malformed"},
             Case{"{\"email\":\"\xff\"}", "json_malformed"},
             Case{R"({"email":"a\u0000b"})", "json_malformed"},
             Case{std::string("\0", 1), "json_malformed"},
             Case{"[]", "validation_failed"},
             Case{many + "}", "validation_failed"},
         }) {
        auto const refused = door.send_json("POST", "/users", body);
        EXPECT_EQ(refused.status, 400) << body.substr(0, 40);
        EXPECT_EQ(text_of(refused, "reason"), reason) << body.substr(0, 40);
        EXPECT_LT(refused.body.size(), 100'000U);
    }
    EXPECT_EQ(door.send_json("POST", "/users", std::string(100 << 20, ' ')).status, 413);
}

TEST(Gateway, ChecksWhoCallsBeforeItReadsTheInput) {
    Door const door;
    auto const refused = door.send_json("POST", "/users", "{");
    EXPECT_EQ(refused.status, 401);
}

TEST(Gateway, HasPagesOfItsOwn) {
    Door const door;
    auto const index = door.get("/");
    EXPECT_EQ(index.status, 200);
    EXPECT_EQ(text_of(index, "name"), "nexpo");
    EXPECT_EQ(door.get("/health/live").body, R"({"status":"ok"})");
    auto const ready = door.get("/health/ready");
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(*json_of(ready).find("ok"), Json(true));
    auto const openapi = door.get("/openapi.json");
    EXPECT_EQ(openapi.status, 200);
    EXPECT_EQ(text_of(openapi, "openapi"), "3.1.0");
    EXPECT_EQ(header(openapi, "Cache-Control"), "no-cache");
    EXPECT_EQ(door.get("/openapi.json", {{"If-None-Match", header(openapi, "ETag")}}).status, 304);
    EXPECT_EQ(header(door.get("/.well-known/jwks.json"), "Cache-Control"), "public, max-age=300");
    EXPECT_EQ(door.send_json("POST", "/health/live", "{}").status, 405);
}

TEST(Gateway, CountsWhatItRefuses) {
    Door const door;
    EXPECT_EQ(door.get("/nothing").status, 404);
    EXPECT_EQ(door.get("/nothing/else").status, 404);
    EXPECT_EQ(door.send({.method = "PUT", .target = "/users"}).status, 405);
    EXPECT_EQ(door.send({.method = "POST", .target = "/auth/login", .body = "x"}).status, 415);
    auto const metrics = door.get("/metrics");
    EXPECT_THAT(header(metrics, "Content-Type"), StartsWith("text/plain; version=0.0.4"));
    EXPECT_THAT(metrics.body, HasSubstr("nexpo_http_refusals_total{status=\"404\"} 2\n"));
    EXPECT_THAT(metrics.body, HasSubstr("nexpo_http_refusals_total{status=\"405\"} 1\n"));
    EXPECT_THAT(metrics.body, HasSubstr("nexpo_http_refusals_total{status=\"415\"} 1\n"));
}

TEST(Gateway, AnswersHeadLikeGetWithoutTheBody) {
    SignedIn const door;
    std::vector<Header> const token{{"Authorization", "Bearer " + door.token()}};
    auto const head = door.send({.method = "HEAD", .target = "/users/me", .headers = token});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(header(head, "ETag"), "\"v1\"");
    EXPECT_EQ(door.send({.method = "HEAD", .target = "/nothing"}).status, 404);
    EXPECT_EQ(door.send({.method = "HEAD", .target = "/openapi.json"}).status, 200);
}

TEST(Gateway, ListsMethods) {
    Door const door;
    auto const options = door.send({.method = "OPTIONS", .target = "/users"});
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(header(options, "Allow"), "POST, GET, HEAD, OPTIONS");
    EXPECT_EQ(door.send({.method = "OPTIONS", .target = "*"}).status, 204);
    EXPECT_EQ(door.send({.method = "OPTIONS", .target = "/nothing"}).status, 404);
}

TEST(Gateway, CarriesRequestIdsAndTraces) {
    Door const door;
    for (auto const* target : {"/users/me", "/nothing", "/health/live"}) {
        EXPECT_EQ(header(door.get(target, {{"X-Request-Id", "mine-1"}}), "X-Request-Id"), "mine-1");
        EXPECT_THAT(header(door.get(target, {{"X-Request-Id", "not\r\nmine"}}), "X-Request-Id"), StartsWith("req_"));
        auto const traced =
            door.get(target, {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
        EXPECT_THAT(header(traced, "traceparent"), StartsWith("00-0af7651916cd43dd8448eb211c80319c-"));
        EXPECT_THAT(header(traced, "traceparent"), Not(HasSubstr("b7ad6b7169203331")));
    }
}

TEST(Gateway, TellsLimitsAndWhenToComeBack) {
    Door const door([](Config& config) { config.limits.address_per_minute = 2; });
    std::string const body = R"({"email":"ada@example.com","password":"wrong"})";
    auto const first = door.send_json("POST", "/auth/login", body);
    EXPECT_EQ(first.status, 401);
    EXPECT_EQ(header(first, "RateLimit-Policy"), "\"address\";q=2;w=60");
    EXPECT_THAT(header(first, "RateLimit"), StartsWith("\"address\";r=1;t="));
    door.send_json("POST", "/auth/login", body);
    auto const refused = door.send_json("POST", "/auth/login", body);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(text_of(refused, "reason"), "rate_limited");
    EXPECT_EQ(header(refused, "Retry-After"), "30");
}

TEST(Gateway, AnswersUnavailableAfterClose) {
    SignedIn const door;
    door.test().backend.close();
    auto const refused = door.get("/users/me");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(text_of(refused, "reason"), "closed");
    EXPECT_EQ(door.get("/health/live").status, 200);
    EXPECT_EQ(door.get("/health/ready").status, 503);
    EXPECT_EQ(door.get("/nothing").status, 404);
}

TEST(Gateway, KnowsWhatMayBlock) {
    Door const door;
    EXPECT_TRUE(door.gateway().may_block({.method = "POST", .target = "/auth/login"}));
    EXPECT_TRUE(door.gateway().may_block({.method = "POST", .target = "/auth/%6Cogin?x"}));
    auto const creation = [&](std::string body, std::vector<Header> headers = {}) {
        return door.gateway().may_block(
            {.method = "POST", .target = "/users", .headers = std::move(headers), .body = std::move(body)});
    };
    EXPECT_EQ(creation(R"({"email": "ada@example.com"})"), testing::on_postgresql()) << "nothing is hashed";
    EXPECT_TRUE(creation(R"({"email": "ada@example.com", "password": "correct horse"})"));
    EXPECT_TRUE(creation(R"({"pass\u0077ord": "correct horse"})"));
    EXPECT_TRUE(creation("\x1f\x8b", {{"Content-Encoding", "gzip"}}));
    for (auto const& [method, target] : {std::pair{"GET", "/auth/login"},
                                         {"GET", "/users/me"},
                                         {"GET", "/health/ready"},
                                         {"POST", "/nothing"},
                                         {"POST", ""},
                                         {"POST", "/%"}}) {
        EXPECT_EQ(door.gateway().may_block({.method = method, .target = target}),
                  testing::on_postgresql() &&
                      (std::string_view(target) == "/users/me" || std::string_view(target) == "/health/ready"))
            << target;
    }
}

struct Explode {
    std::string how{};
};

StructType describe(Type<Explode>) {
    return structure<Explode>("Explode", field("how", &Explode::how));
}

void add_exploding_operation(Config& config) {
    config.operations.add<Explode, Empty>(
        {.info = {.name = "bombs.explode", .summary = "Fails", .rest = "GET /bombs", .access = Access::anyone},
         .handler = [](Call&, Explode const& input) -> Reply<Empty> {
             if (input.how == "throw") throw std::runtime_error("hidden detail");
             if (input.how == "foreign") throw 7;
             return Error{Errc::internal, "hidden_reason", "hidden detail", {{"/hidden", "hidden", "hidden"}}};
         }});
}

TEST(Gateway, DoesNotTellWhatBrokeInside) {
    Door const door(add_exploding_operation);
    for (auto const* how : {"throw", "foreign", "error"}) {
        auto const broken = door.get("/bombs?how=" + std::string(how));
        EXPECT_EQ(broken.status, 500) << how;
        EXPECT_THAT(broken.body, Not(HasSubstr("hidden"))) << how;
        EXPECT_TRUE(door.test().log->contains(header(broken, "X-Request-Id"))) << how;
    }
}

TEST(Gateway, AnswersManyAtOnceAndEachOnce) {
    SignedIn const door;
    constexpr int kThreads = 4;
    constexpr int kRequests = 50;
    std::atomic<int> answers = 0;
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < kRequests; ++i) {
                    bool const reads = i % 2 == 0;
                    Request request{
                        .method = reads ? "GET" : "POST",
                        .target = reads ? "/users/me" : "/users",
                        .headers = {{"Authorization", "Bearer " + door.token()}, {"Content-Type", "application/json"}}};
                    if (!reads) {
                        request.body =
                            R"({"email":"u)" + std::to_string(t) + '-' + std::to_string(i) + R"(@example.com"})";
                    }
                    door.gateway().handle(std::move(request), [&, reads](Response const& response) {
                        if (response.status == (reads ? 200 : 201)) ++good;
                        ++answers;
                    });
                }
            });
        }
    }
    door.test().backend.close();  // waits for the answers that are on their way
    EXPECT_EQ(answers, kThreads * kRequests);
    EXPECT_EQ(good, kThreads * kRequests);
}

}  // namespace

}  // namespace nexpo

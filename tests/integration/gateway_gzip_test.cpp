// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/gzip.hpp"
#include "support/test_backend.hpp"

namespace nexpo {

namespace {

using ::testing::HasSubstr;
using testing::TestBackend;

constexpr std::size_t kPlenty = 1U << 20U;
std::vector<Header> const kGzip{{"Accept-Encoding", "gzip"}};

struct TextIn {
    std::string text{};
};

StructType describe(Type<TextIn>) {
    return structure<TextIn>("TextIn", field("text", &TextIn::text));
}

struct TextOut {
    std::string text{};
    std::int64_t version = 7;
};

StructType describe(Type<TextOut>) {
    return structure<TextOut>("TextOut", field("text", &TextOut::text), field("version", &TextOut::version));
}

Reply<TextOut> long_text(Call&, TextIn const& input) {
    if (input.text == "refuse") return Error{Errc::failed_precondition, "refused", std::string(5000, 'x')};
    if (input.text == "own")
        return Error{Errc::failed_precondition, "body_too_large", "The letter has no room for it."};
    return TextOut{.text = input.text.empty() ? std::string(5000, 'x') : input.text};
}

void add_texts(Config& config) {
    config.gateway.body_bytes = 10'000;
    config.operations.add<TextIn, TextOut>(
        {.info = {.name = "texts.get", .summary = "Reads", .rest = "GET /texts", .access = Access::anyone},
         .handler = long_text});
    config.operations.add<TextIn, TextOut>({.info = {.name = "texts.reveal",
                                                     .summary = "Answers with credentials",
                                                     .rest = "GET /texts/secret",
                                                     .access = Access::anyone,
                                                     .credentials = true},
                                            .handler = long_text});
    config.operations.add<TextIn, TextOut>({.info = {.name = "texts.echo",
                                                     .summary = "Repeats",
                                                     .kind = OperationKind::mutation,
                                                     .rest = "POST /texts",
                                                     .access = Access::anyone},
                                            .handler = long_text});
    config.operations.add<TextIn, TextOut>({.info = {.name = "texts.own",
                                                     .summary = "For those who are known",
                                                     .kind = OperationKind::mutation,
                                                     .rest = "POST /texts/own",
                                                     .access = Access::signed_in},
                                            .handler = long_text});
}

class Door {
 public:
    explicit Door(void (*adjust)(Config&) = add_texts) : test_(adjust), gateway_(test_.backend.gateway()) {}

    Response get(std::string target, std::vector<Header> headers = kGzip, std::string method = "GET") const {
        return gateway_.handle(
            Request{.method = std::move(method), .target = std::move(target), .headers = std::move(headers)});
    }

    Response post(std::string body, std::string coding, std::string target = "/texts") const {
        std::vector<Header> headers = kGzip;
        headers.push_back({"Content-Type", "application/json"});
        if (!coding.empty()) headers.push_back({"Content-Encoding", std::move(coding)});
        return gateway_.handle(Request{
            .method = "POST", .target = std::move(target), .headers = std::move(headers), .body = std::move(body)});
    }

 private:
    TestBackend test_;
    Gateway gateway_;
};

std::string header(Response const& response, std::string_view name) {
    return std::string(response.header(name).value_or("(none)"));
}

std::string plain(Response const& response) {
    if (header(response, "Content-Encoding") == "(none)") return response.body;
    auto text = base::gunzip(response.body, kPlenty);
    return text ? *text : text.error().reason;
}

TEST(GatewayGzip, CompressesWhatIsLongForWhoeverAccepts) {
    Door const door;
    auto const as_is = door.get("/texts", {});
    EXPECT_EQ(header(as_is, "Content-Encoding"), "(none)");
    EXPECT_EQ(header(as_is, "ETag"), "\"v7\"");
    auto const packed = door.get("/texts");
    EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
    EXPECT_EQ(header(packed, "ETag"), "\"v7-gzip\"");
    EXPECT_EQ(header(packed, "Content-Type"), "application/json");
    EXPECT_LT(packed.body.size(), 200U);
    EXPECT_EQ(plain(packed), as_is.body);
    for (auto const& answer : {as_is, packed}) EXPECT_EQ(header(answer, "Vary"), "Accept-Encoding");

    EXPECT_EQ(header(door.get("/texts?text=short"), "Content-Encoding"), "(none)");
    EXPECT_EQ(header(door.get("/texts?text=short", {{"Accept-Encoding", "gzip, identity;q=0"}}), "Content-Encoding"),
              "gzip");
    auto const problem = door.get("/texts?text=refuse");
    EXPECT_EQ(problem.status, 409);
    EXPECT_EQ(header(problem, "Content-Encoding"), "gzip");
    EXPECT_THAT(plain(problem), HasSubstr("\"reason\":\"refused\""));
}

TEST(GatewayGzip, AnswersHeadAsItWouldGet) {
    Door const door;
    auto const head = door.get("/texts", kGzip, "HEAD");
    EXPECT_TRUE(head.body.empty());
    EXPECT_EQ(header(head, "Content-Encoding"), "gzip");
    EXPECT_EQ(header(head, "ETag"), "\"v7-gzip\"");
}

TEST(GatewayGzip, RevalidatesEitherForm) {
    Door const door;
    for (auto const* tag : {"\"v7\"", "\"v7-gzip\""}) {
        auto headers = kGzip;
        headers.push_back({"If-None-Match", tag});
        auto const same = door.get("/texts", headers);
        EXPECT_EQ(same.status, 304);
        EXPECT_EQ(header(same, "ETag"), tag);
        EXPECT_EQ(header(same, "Content-Encoding"), "(none)");
        EXPECT_TRUE(same.body.empty());
        EXPECT_EQ(door.get("/texts", {{"If-Match", tag}}).status, 200);
    }
    EXPECT_EQ(door.get("/texts", {{"If-Match", "\"v8-gzip\""}}).status, 412);
}

TEST(GatewayGzip, LeavesCredentialsAndMutationsAsTheyAre) {
    Door const door;
    auto const secret = door.get("/texts/secret");
    EXPECT_EQ(secret.status, 200);
    EXPECT_EQ(header(secret, "Content-Encoding"), "(none)");
    EXPECT_EQ(header(door.get("/texts/secret?text=refuse"), "Content-Encoding"), "(none)");
    EXPECT_EQ(header(door.post("{}", ""), "Content-Encoding"), "(none)");
}

TEST(GatewayGzip, MayBeSwitchedOff) {
    Door const door([](Config& config) {
        add_texts(config);
        config.gateway.compress = false;
    });
    for (auto const* target : {"/texts", "/openapi.json"}) {
        EXPECT_EQ(header(door.get(target), "Content-Encoding"), "(none)");
        EXPECT_EQ(header(door.get(target), "Vary"), "(none)");
    }
}

TEST(GatewayGzip, CompressesItsPages) {
    Door const door;
    auto const document = door.get("/openapi.json", {});
    auto const packed = door.get("/openapi.json");
    EXPECT_EQ(plain(packed), document.body);
    EXPECT_LT(packed.body.size() * 4, document.body.size());
    EXPECT_NE(header(packed, "ETag"), header(document, "ETag"));
    for (auto const& page : {document, packed}) {
        auto const same = door.get("/openapi.json", {{"If-None-Match", header(page, "ETag")}});
        EXPECT_EQ(same.status, 304);
        EXPECT_EQ(header(same, "ETag"), header(page, "ETag"));
    }
    EXPECT_THAT(plain(door.get("/metrics")), HasSubstr("nexpo_calls_total"));
}

TEST(GatewayGzip, PublicKeysHaveATagOfTheirContent) {
    Door const door;
    auto const keys = door.get("/.well-known/jwks.json", {});
    EXPECT_EQ(door.get("/.well-known/jwks.json", {{"If-None-Match", header(keys, "ETag")}}).status, 304);
    EXPECT_EQ(door.get("/.well-known/jwks.json", {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST(GatewayGzip, ReadsCompressedBodies) {
    Door const door;
    auto const packed = base::gzip(R"({"text":"packed"})").value();
    for (auto const* coding : {"gzip", "GZIP", "x-gzip"}) {
        auto const answer = door.post(packed, coding);
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_THAT(answer.body, HasSubstr("packed"));
    }
    EXPECT_EQ(door.post("", "gzip").status, 200);
    EXPECT_EQ(door.post(R"({"text":"x"})", "identity").status, 200);
}

TEST(GatewayGzip, RefusesBodiesThatItCannotRead) {
    Door const door;
    auto const packed = base::gzip(R"({"text":"packed"})").value();
    struct Case {
        std::string body;
        char const* coding;
        int status;
        char const* reason;
    };
    for (auto const& [body, coding, status, reason] : {
             Case{packed, "br", 415, "encoding_unsupported"},
             Case{packed, "gzip, gzip", 415, "encoding_unsupported"},
             Case{packed, "deflate", 415, "encoding_unsupported"},
             Case{packed, "gzip;q=1", 415, "encoding_unsupported"},
             Case{packed.substr(0, packed.size() - 1), "gzip", 400, "encoding_malformed"},
             Case{packed + "x", "gzip", 400, "encoding_malformed"},
             Case{R"({"text":"plain"})", "gzip", 400, "encoding_malformed"},
             Case{packed, "identity", 400, "json_malformed"},
             Case{base::gzip(std::string(10'001, ' ')).value(), "gzip", 413, "body_too_large"},
             Case{base::gzip(std::string(5U << 20U, ' ')).value(), "gzip", 413, "body_too_large"},
             Case{std::string(10'001, ' '), "identity", 413, "body_too_large"},
             Case{base::gzip("[" + std::string(9000, ' ')).value(), "gzip", 400, "json_malformed"},
         }) {
        auto const refused = door.post(body, coding);
        EXPECT_EQ(refused.status, status) << coding << ' ' << refused.body;
        EXPECT_THAT(refused.body, HasSubstr("\"reason\":\"" + std::string(reason) + '"')) << coding;
        EXPECT_EQ(header(refused, "Accept-Encoding"), status == 415 ? "gzip" : "(none)");
    }
}

TEST(GatewayGzip, LeavesOperationsTheirOwnReasons) {
    Door const door;
    auto const own = std::string(R"({"text":"own"})");
    EXPECT_EQ(door.post(own, "identity").status, 409);
    EXPECT_EQ(door.post(base::gzip(own).value(), "gzip").status, 409);
}

TEST(GatewayGzip, DecompressesOnlyForThoseWhoMayCall) {
    Door const door;
    EXPECT_EQ(door.post("no gzip at all", "gzip", "/texts/own").status, 401);
}

}  // namespace

}  // namespace nexpo

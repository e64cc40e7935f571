// SPDX-License-Identifier: Apache-2.0
#include "gateway/problem.hpp"

#include <gtest/gtest.h>

#include "nexpo/json.hpp"

namespace nexpo::gateway {
namespace {

TEST(HttpStatus, FollowsTheOneTable) {
    struct Case {
        Errc code;
        int status;
    };
    for (auto const& [code, status] : {
             Case{Errc::cancelled, 499},
             Case{Errc::unknown, 500},
             Case{Errc::invalid_argument, 400},
             Case{Errc::deadline_exceeded, 504},
             Case{Errc::not_found, 404},
             Case{Errc::already_exists, 409},
             Case{Errc::permission_denied, 403},
             Case{Errc::resource_exhausted, 429},
             Case{Errc::failed_precondition, 409},
             Case{Errc::aborted, 409},
             Case{Errc::out_of_range, 400},
             Case{Errc::unimplemented, 501},
             Case{Errc::internal, 500},
             Case{Errc::unavailable, 503},
             Case{Errc::data_loss, 500},
             Case{Errc::unauthenticated, 401},
         }) {
        EXPECT_EQ(http_status({.code = code}, false), status) << to_string(code);
        EXPECT_EQ(http_status({.code = code}, true), code == Errc::aborted ? 412 : status) << to_string(code);
    }
    EXPECT_EQ(http_status({.code = Errc::failed_precondition, .reason = "idempotency_key_reused"}, false), 422);
    EXPECT_EQ(http_status({.code = Errc::failed_precondition, .reason = "body_too_large"}, false), 409);
}

TEST(Problem, SaysWhatIsWrong) {
    Error const error{.code = Errc::already_exists,
                      .reason = "email_taken",
                      .message = "Somebody has \"it\".",
                      .violations = {{"/email", "unique", "must be new"}}};
    EXPECT_EQ(problem_json(409, error, "req_1"),
              R"({"type":"/problems/email_taken","title":"Email taken","status":409,"detail":"Somebody has \"it\".",)"
              R"("code":"already_exists","reason":"email_taken","request_id":"req_1",)"
              R"("violations":[{"field":"/email","rule":"unique","message":"must be new"}]})");
}

TEST(Problem, FallsBackToTheCode) {
    auto const json = Json::parse(problem_json(404, {.code = Errc::not_found}, "r"));
    ASSERT_TRUE(json);
    EXPECT_EQ(*json->find("type"), Json("/problems/not_found"));
    EXPECT_EQ(*json->find("reason"), Json("not_found"));
    EXPECT_EQ(json->find("violations"), nullptr);
}

TEST(Problem, HidesWhatBrokeInside) {
    for (auto const code : {Errc::internal, Errc::unknown, Errc::data_loss}) {
        Error const error{.code = code,
                          .reason = "hidden_word",
                          .message = "hidden detail",
                          .violations = {{"/hidden", "hidden", "hidden"}}};
        auto const text = problem_json(500, error, "req_1");
        EXPECT_EQ(text.find("hidden"), std::string::npos) << text;
        EXPECT_NE(text.find("req_1"), std::string::npos);
    }
}

TEST(Problem, StaysShortAndValidWhateverItIsGiven) {
    Error error{.code = Errc::invalid_argument, .reason = "validation_failed", .message = "\xff\x01"};
    for (int i = 0; i < 10'000; ++i) error.violations.push_back({"/\xff", "unknown", "no"});
    auto const text = problem_json(400, error, "\"");
    EXPECT_LT(text.size(), 20'000U);
    auto const json = Json::parse(text);
    ASSERT_TRUE(json);
    EXPECT_EQ(json->find("violations")->if_array()->size(), 200U);
}

}  // namespace
}  // namespace nexpo::gateway

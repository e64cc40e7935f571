// SPDX-License-Identifier: Apache-2.0
#include "grpc/error_status.hpp"

#include <gtest/gtest.h>

#include "grpc/codec/wire.hpp"

namespace nexpo::grpc_host {

namespace {

TEST(ErrorStatus, WritesPathsAsProtobufDoes) {
    EXPECT_EQ(field_path(""), "");
    EXPECT_EQ(field_path("/email"), "email");
    EXPECT_EQ(field_path("/emails/1/address"), "emails[1].address");
    EXPECT_EQ(field_path("/labels/a.b~1c~0d"), "labels[\"a.b/c~d\"]");
    EXPECT_EQ(field_path("/payload//x"), "payload[\"\"].x");
}

TEST(ErrorStatus, HoldsWhatTheErrorSays) {
    Error const error{.code = Errc::resource_exhausted,
                      .reason = "rate_limited",
                      .message = "too many calls",
                      .violations = {{"/email", "format", "must be an address"}},
                      .retry_after = std::chrono::milliseconds(1500)};
    auto const status = status_details(error, "req_1");
    for (auto const* part :
         {"type.googleapis.com/google.rpc.ErrorInfo", "rate_limited", "nexpo", "too many calls",
          "google.rpc.BadRequest", "email", "format", "google.rpc.RetryInfo", "google.rpc.RequestInfo", "req_1"}) {
        EXPECT_NE(status.find(part), std::string::npos) << part;
    }
    WireReader reader(status);
    EXPECT_EQ(reader.tag()->number, 1U);
    EXPECT_EQ(reader.varint(), 8U);
}

TEST(ErrorStatus, StaysShortWhateverWasSent) {
    Error error{.code = Errc::invalid_argument, .reason = "validation_failed"};
    for (int i = 0; i < 1000; ++i) error.violations.push_back({"/field" + std::to_string(i), "format", "is wrong"});
    EXPECT_LT(status_details(error, "").size(), 5'000U);
}

}  // namespace

}  // namespace nexpo::grpc_host

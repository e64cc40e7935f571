// SPDX-License-Identifier: Apache-2.0
#include "drivers/aws/aws_signature.hpp"

#include <gtest/gtest.h>

namespace nexpo::drivers {

namespace {

AwsCredentials const kExample{.access_key = "AKIDEXAMPLE", .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

std::string authorization(AwsRequest const& request, AwsCredentials const& credentials = kExample) {
    auto const now = parse_timestamp("2015-08-30T12:36:00Z").value();
    auto const headers = aws_signature(request, credentials, {.region = "us-east-1", .service = "service", .now = now});
    EXPECT_EQ(headers.front().first, "X-Amz-Date");
    EXPECT_EQ(headers.front().second, "20150830T123600Z");
    EXPECT_EQ(headers.back().first, "Authorization");
    return headers.back().second;
}

// The vectors of AWS' own test suite, get-vanilla and get-vanilla-query-order-key-case.
TEST(AwsSignature, IsThatOfTheTestSuite) {
    AwsRequest request{.method = "GET", .host = "example.amazonaws.com"};
    EXPECT_EQ(authorization(request),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, "
              "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    request.query = {{"Param2", "value2"}, {"Param1", "value1"}};
    EXPECT_TRUE(
        authorization(request).ends_with("Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"));
}

TEST(AwsSignature, CoversWhatIsSent) {
    AwsRequest const request{.host = "example.amazonaws.com", .headers = {{"Content-Type", "a"}}, .body = "b"};
    auto const signature = authorization(request);
    EXPECT_NE(signature.find("SignedHeaders=content-type;host;x-amz-date"), std::string::npos);
    auto changed = request;
    changed.body = "c";
    EXPECT_NE(authorization(changed), signature);
    changed = request;
    changed.headers.front().second = "b";
    EXPECT_NE(authorization(changed), signature);
    changed = request;
    changed.headers.front().second = "  a ";
    EXPECT_EQ(authorization(changed), signature) << "blanks around a value do not count";
    changed = request;
    changed.path = "/a%20b";
    EXPECT_NE(authorization(changed), signature);
}

TEST(AwsSignature, SendsAndSignsTheTokenOfTemporaryCredentials) {
    auto credentials = kExample;
    credentials.session_token = "a token";
    AwsRequest const request{.method = "GET", .host = "example.amazonaws.com"};
    auto const headers = aws_signature(request, credentials, {.region = "r", .service = "s"});
    ASSERT_EQ(headers.size(), 3U);
    EXPECT_EQ(headers[1].first, "X-Amz-Security-Token");
    EXPECT_EQ(headers[1].second, "a token");
    EXPECT_NE(headers[2].second.find("SignedHeaders=host;x-amz-date;x-amz-security-token"), std::string::npos);
}

}  // namespace

}  // namespace nexpo::drivers

// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_secret.hpp"

#include <gtest/gtest.h>

#include <string>

#include "integration/webhook/verifier.hpp"
#include "nexpo/testing/random.hpp"
#include "notification/webhook_message.hpp"

namespace nexpo::notification {
namespace {

using testing::WebhookVerifier;

// Published with the reference libraries of Standard Webhooks (libraries/go/webhook_test.go and others).
constexpr char const* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char const* kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::int64_t kTime = 1'614'265'330;
constexpr char const* kBody = R"({"test": 2432232314})";
constexpr char const* kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

TEST(WebhookSignature, IsThatOfThePublishedExample) {
    WebhookSigner const signer = WebhookSigner::open(WebhookScheme::v1, Secret(kSecret)).value();
    auto const headers =
        sign_webhook({&signer, 1}, kId, Timestamp(std::chrono::seconds(kTime) + std::chrono::milliseconds(999)), kBody);
    EXPECT_EQ(headers.timestamp, "1614265330");
    EXPECT_EQ(headers.signature, kSignature);
}

TEST(WebhookSignature, HoldsForWhatWasSentAndNothingElse) {
    WebhookVerifier const verifier(kSecret);
    auto const time = std::to_string(kTime);
    auto const accepts = [&](std::string const& id, std::string const& timestamp, std::string const& signatures,
                             std::string const& body,
                             std::int64_t now) { return verifier.accepts(id, timestamp, signatures, body, now); };
    EXPECT_TRUE(accepts(kId, time, kSignature, kBody, kTime));
    EXPECT_TRUE(accepts(kId, time, kSignature, kBody, kTime + 300));
    EXPECT_TRUE(accepts(kId, time, kSignature, kBody, kTime - 300));
    EXPECT_TRUE(accepts(kId, time, std::string("v1,AAAA v1a,BBBB ") + kSignature, kBody, kTime))
        << "after two bad ones";
    EXPECT_FALSE(accepts(kId, time, kSignature, R"({"test": 2432232315})", kTime)) << "one byte of the body";
    EXPECT_FALSE(accepts("msg_other", time, kSignature, kBody, kTime));
    EXPECT_FALSE(accepts(kId, time, kSignature, kBody, kTime + 301)) << "too old";
    EXPECT_FALSE(accepts(kId, time, kSignature, kBody, kTime - 301)) << "from the future";
    EXPECT_FALSE(accepts(kId, time + "x", kSignature, kBody, kTime));
    EXPECT_FALSE(accepts("", time, kSignature, kBody, kTime));
    EXPECT_FALSE(accepts(kId, "", kSignature, kBody, kTime));
    EXPECT_FALSE(accepts(kId, time, "", kBody, kTime));
    EXPECT_FALSE(accepts(kId, time, "v2" + std::string(kSignature).substr(2), kBody, kTime));
    EXPECT_FALSE(accepts(kId, time, "v1a" + std::string(kSignature).substr(2), kBody, kTime));
    EXPECT_FALSE(accepts(kId, time, "v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE=", kBody, kTime)) << "URL-safe";
    EXPECT_FALSE(accepts(kId, time, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", kBody, kTime)) << "no padding";
}

TEST(WebhookKeys, AreFreshAndSign) {
    testing::SeededRandom random(7);
    for (auto const scheme : {WebhookScheme::v1, WebhookScheme::v1a}) {
        auto const key = make_webhook_key(scheme, random).value();
        auto const other = make_webhook_key(scheme, random).value();
        EXPECT_NE(key.kept, other.kept);
        bool const is_shared = scheme == WebhookScheme::v1;
        EXPECT_EQ(key.secret.has_value(), is_shared);
        EXPECT_EQ(key.public_key.has_value(), !is_shared);
        EXPECT_TRUE(is_shared ? key.secret->starts_with("whsec_") : key.public_key->starts_with("whpk_"));
        WebhookSigner const signers[] = {WebhookSigner::open(scheme, key.kept).value(),
                                         WebhookSigner::open(scheme, other.kept).value()};
        auto const headers = sign_webhook(signers, kId, Timestamp(std::chrono::seconds(kTime)), kBody);
        EXPECT_EQ(headers.signature.size(), is_shared ? 2 * 47 + 1U : 2 * 92 + 1U);
        for (auto const* one : {&key, &other}) {
            WebhookVerifier const verifier(is_shared ? *one->secret : *one->public_key);
            EXPECT_TRUE(verifier.accepts(kId, headers.timestamp, headers.signature, kBody, kTime));
            EXPECT_FALSE(verifier.accepts(kId, headers.timestamp, headers.signature, "{}", kTime));
        }
    }
}

TEST(WebhookKeys, ThatAreDamagedAreRefused) {
    for (auto const* text : {"", "whsec_", "whsec_AAAA", "whsec_not base64", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}) {
        EXPECT_EQ(WebhookSigner::open(WebhookScheme::v1, Secret(text)).error().reason, "webhook_secret_invalid")
            << text;
        EXPECT_EQ(WebhookSigner::open(WebhookScheme::v1a, Secret(text)).error().reason, "webhook_secret_invalid")
            << text;
    }
}

}  // namespace
}  // namespace nexpo::notification

// SPDX-License-Identifier: Apache-2.0
#include "notification/webhook_message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "notification/webhook_delivery.hpp"

namespace nexpo::notification {
namespace {

TEST(WebhookMessage, HasTypeTimestampAndData) {
    Timestamp const at = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(12);
    Json const data(Json::Object{{"name", "Gr\u00fc\u00dfe"}, {"count", 2}});
    EXPECT_EQ(webhook_body("invoice.paid", at, data),
              "{\"type\":\"invoice.paid\",\"timestamp\":\"2026-03-01T12:00:00Z\","
              "\"data\":{\"name\":\"Gr\u00fc\u00dfe\",\"count\":2}}");
}

TEST(WebhookMessage, HasAnIdWithoutDots) {
    EXPECT_EQ(webhook_message_id("evt_01j8x4mq3he5nr7w0c2k9v6t1b"), "msg_01j8x4mq3he5nr7w0c2k9v6t1b");
}

TEST(WebhookFilters, ArePlainNamesOrBeginnings) {
    for (auto const* good : {"user.created", "user.*", "a.b.c", "a.b.*", "api_key.created", "A.b1"}) {
        EXPECT_TRUE(is_webhook_filter(good)) << good;
    }
    for (auto const* bad : {"", "*", "user", "user.", ".user", "user..created", "*.created", "user.*.x", "user.cre*",
                            "us er.created", "user.created ", "user-x.created", "user.\xc3\xa9"}) {
        EXPECT_FALSE(is_webhook_filter(bad)) << bad;
    }
    EXPECT_FALSE(is_webhook_filter("a." + std::string(100, 'b')));
}

TEST(WebhookFilters, FitWholeSegments) {
    struct Case {
        std::vector<std::string> filters;
        char const* event;
        bool wanted;
    };
    for (auto const& [filters, event, wanted] :
         std::vector<Case>{{{}, "user.created", true},
                           {{"user.created"}, "user.created", true},
                           {{"user.create"}, "user.created", false},
                           {{"user.created"}, "user.create", false},
                           {{"user.*"}, "user.created", true},
                           {{"user.*"}, "user", false},
                           {{"user.*"}, "users.created", false},
                           {{"use.*"}, "user.created", false},
                           {{"invoice.*", "user.created"}, "user.created", true},
                           {{"invoice.*", "user.removed"}, "user.created", false}}) {
        EXPECT_EQ(webhook_wants(filters, event), wanted) << (filters.empty() ? "all" : filters[0]) << ' ' << event;
    }
}

TEST(WebhookDelivery, IsQueuedUnderTheKeyOfItsWebhook) {
    auto const plain = delivery_options("whe_1", false, 20);
    EXPECT_EQ(plain.concurrency_key, "webhook/whe_1");
    EXPECT_EQ(plain.concurrency, 20);
    EXPECT_FALSE(plain.ordered);
    auto const ordered = delivery_options("whe_1", true, 20);
    EXPECT_EQ(ordered.concurrency, 1);
    EXPECT_TRUE(ordered.ordered);
}

}  // namespace
}  // namespace nexpo::notification

// SPDX-License-Identifier: Apache-2.0
#include "drivers/queue/queue_settings.hpp"

#include <gtest/gtest.h>

#include "drivers/queue/queue_errors.hpp"

namespace nexpo::drivers {

TEST(QueueSettings, ReadsEveryPartOfAUrl) {
    auto const settings = parse_queue_url(
        "AMQPS://ann:p%40ss%2F%3A@[::1]:5671/a%2Fb?queue=jobs-1&lease=30&deliveries=5&ca=%2Fca.pem&x=y");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->scheme, "amqps");
    EXPECT_EQ(settings->user, "ann");
    EXPECT_EQ(settings->password.reveal(), "p@ss/:");
    EXPECT_EQ(settings->host, "::1");
    EXPECT_EQ(settings->port, 5671);
    EXPECT_EQ(settings->path, "a/b");
    EXPECT_EQ(settings->queue, "jobs-1");
    EXPECT_EQ(settings->lease, std::chrono::seconds(30));
    EXPECT_EQ(settings->max_deliveries, 5);
    EXPECT_EQ(settings->ca_file, "/ca.pem");
    EXPECT_EQ(settings->others, (std::map<std::string, std::string>{{"x", "y"}}));
}

TEST(QueueSettings, HasDefaults) {
    auto const settings = parse_queue_url("redis://localhost");
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->host, "localhost");
    EXPECT_EQ(settings->port, 0);
    EXPECT_EQ(settings->path, "");
    EXPECT_EQ(settings->queue, "nexpo");
    EXPECT_EQ(settings->lease, std::chrono::seconds(60));
    EXPECT_EQ(settings->max_deliveries, 10);
    EXPECT_TRUE(settings->password.empty());
}

TEST(QueueSettings, RefusesWhatIsNoUrlAndRepeatsNothingOfIt) {
    char const* const urls[] = {
        "",
        "secret",
        "://secret",
        "re dis://secret",
        "redis:/secret",
        "redis://secret@host:0",
        "redis://secret@host:65536",
        "redis://secret@host:+1",
        "redis://secret@host:1x",
        "redis://secret@ho st",
        "redis://secret@host\r\n",
        "redis://secret%0d%0a@host",
        "redis://secret%00@host",
        "redis://secret%4@host",
        "redis://secret%zz@host",
        "redis://[::1secret",
        "redis://[::1]secret",
        "redis://host/%secret",
        "redis://host#secret",
        "redis://host?queue=",
        "redis://host?queue=sec.ret",
        "redis://host?queue=secret*",
        "redis://host?lease=0",
        "redis://host?lease=43201",
        "redis://host?lease=1secret",
        "redis://host?lease=99999999999999999999",
        "redis://host?deliveries=0",
        "redis://host?deliveries=-1",
        "redis://host?=secret",
        "redis://host?secret=1&secret=2",
    };
    for (std::string const url : urls) {
        auto const settings = parse_queue_url(url);
        ASSERT_FALSE(settings) << url;
        EXPECT_EQ(settings.error().code, Errc::invalid_argument) << url;
        EXPECT_EQ(settings.error().reason, "queue_url_invalid") << url;
        EXPECT_EQ(settings.error().message.find("secret"), std::string::npos) << settings.error().message;
    }
    EXPECT_FALSE(parse_queue_url("redis://" + std::string(5000, 'a')));
    EXPECT_FALSE(parse_queue_url("redis://host?queue=" + std::string(65, 'a')));
}

TEST(QueueErrors, ReceiptsAreTakenApartOnlyWhenTheyFit) {
    EXPECT_EQ(receipt_parts("1-2:3", 2), (std::vector<std::string>{"1-2", "3"}));
    EXPECT_TRUE(receipt_parts("", 2).empty());
    EXPECT_TRUE(receipt_parts("a:b:c", 2).empty());
    EXPECT_EQ(receipt_number("42"), 42);
    for (char const* text : {"", "-1", "+1", "1x", " 1", "99999999999999999999"}) EXPECT_EQ(receipt_number(text), -1);
}

TEST(QueueErrors, EachMessageIsJudgedByItself) {
    QueueLimits const limits{.max_body_bytes = 3, .max_delay = std::chrono::seconds(5)};
    std::vector<QueueMessage> const messages{
        {.body = "abc"},
        {.body = ""},
        {.body = "abcd"},
        {.body = "a", .delay = std::chrono::seconds(5)},
        {.body = "a", .delay = std::chrono::seconds(6)},
        {.body = "a", .delay = std::chrono::seconds::min()},
        {.body = "a", .group = "g"},
    };
    QueueSending sending(limits, messages);
    EXPECT_EQ(sending.open(), (std::vector<std::size_t>{0, 3}));
    sending.answer(3, queue_unavailable("gone"));
    std::vector<std::string> reasons;
    for (auto const& result : sending.take()) reasons.push_back(result ? "" : result.error().reason);
    EXPECT_EQ(reasons, (std::vector<std::string>{"", "message_empty", "message_too_large", "queue_unavailable",
                                                 "delay_too_long", "delay_too_long", "group_unsupported"}));
}

}  // namespace nexpo::drivers

// SPDX-License-Identifier: Apache-2.0
#include "telemetry/log.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "nexpo/json.hpp"
#include "nexpo/testing/clock.hpp"
#include "nexpo/testing/log.hpp"

namespace nexpo::telemetry {
namespace {

TEST(LogLine, IsOneLineOfJson) {
    std::vector<LogField> const fields{
        {"text", "a\n\"b\"\xFF"}, {"count", 3}, {"ratio", 0.5}, {"ok", true}, {"nan", std::nan("")}};
    std::string const line = to_json_line({.time = parse_timestamp("2026-03-01T12:00:00.5Z").value(),
                                           .level = LogLevel::warning,
                                           .message = "It\nhappened",
                                           .fields = fields});
    EXPECT_EQ(line,
              "{\"time\":\"2026-03-01T12:00:00.5Z\",\"level\":\"warning\",\"message\":\"It\\nhappened\","
              "\"text\":\"a\\n\\\"b\\\"\xEF\xBF\xBD\",\"count\":3,\"ratio\":0.5,\"ok\":true,\"nan\":null}");
    EXPECT_TRUE(Json::parse(line));
}

TEST(LogLevel, HasNames) {
    EXPECT_EQ(to_string(LogLevel::debug), "debug");
    EXPECT_EQ(to_string(LogLevel::info), "info");
    EXPECT_EQ(to_string(LogLevel::warning), "warning");
    EXPECT_EQ(to_string(LogLevel::error), "error");
}

TEST(Logger, WritesFromItsLevelOn) {
    auto const sink = std::make_shared<testing::MemoryLog>(LogLevel::info);
    Logger const logger(sink, std::make_shared<testing::ManualClock>());
    logger.debug("unseen");
    logger.info("started", {{"port", 8080}});
    logger.warning("slow");
    logger.error("broken", {{"reason", "disk_full"}});
    EXPECT_FALSE(logger.enabled(LogLevel::debug));
    EXPECT_TRUE(logger.enabled(LogLevel::info));
    ASSERT_EQ(sink->lines().size(), 3U);
    EXPECT_EQ(sink->lines()[0], R"({"time":"2026-01-01T00:00:00Z","level":"info","message":"started","port":8080})");
    EXPECT_TRUE(sink->contains("disk_full"));
    EXPECT_FALSE(sink->contains("unseen"));
    sink->clear();
    EXPECT_TRUE(sink->lines().empty());
}

TEST(Logger, WithoutASinkDoesNothing) {
    Logger const none;
    Logger const no_sink(nullptr, system_clock());
    EXPECT_FALSE(none.enabled(LogLevel::error));
    none.error("unseen");
    no_sink.error("unseen", {{"a", 1}});
}

TEST(JsonLinesSink, FiltersAndOutlivesAFailingReceiver) {
    std::vector<std::string> lines;
    auto const sink = json_lines_sink(LogLevel::warning, [&lines](std::string_view line) {
        if (!lines.empty()) throw std::runtime_error("full");
        lines.emplace_back(line);
    });
    EXPECT_EQ(sink->level(), LogLevel::warning);
    sink->write({.time = {}, .level = LogLevel::info, .message = "below"});
    sink->write({.time = {}, .level = LogLevel::error, .message = "first"});
    sink->write({.time = {}, .level = LogLevel::error, .message = "lost"});
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front(), R"({"time":"1970-01-01T00:00:00Z","level":"error","message":"first"})");
    EXPECT_NO_THROW(json_lines_sink(LogLevel::debug, nullptr)->write({}));
}

TEST(Logger, TakesRecordsFromManyThreads) {
    auto const sink = std::make_shared<testing::MemoryLog>();
    Logger const logger(sink, std::make_shared<testing::ManualClock>());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([logger] {
            for (int i = 0; i < 500; ++i) logger.info("step", {{"i", i}});
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(sink->lines().size(), 2'000U);
}

}  // namespace
}  // namespace nexpo::telemetry

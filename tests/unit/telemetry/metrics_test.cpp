// SPDX-License-Identifier: Apache-2.0
#include "telemetry/metrics.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace nexpo::telemetry {
namespace {

using namespace std::chrono_literals;

TEST(Metrics, PrintsPrometheusText) {
    Metrics metrics;
    metrics.counter("nexpo_calls_total", "Calls.", {{"operation", "users.get"}, {"code", "ok"}}).add(3);
    metrics.counter("nexpo_calls_total", "Calls.", {{"operation", "users.get"}, {"code", "internal"}}).add();
    metrics.gauge("nexpo_connections", "Open connections.").set(2.5);
    metrics.gauge("nexpo_queue", "Waiting.", {}, [] { return 7.0; });
    EXPECT_EQ(metrics.prometheus(),
              "# HELP nexpo_calls_total Calls.\n"
              "# TYPE nexpo_calls_total counter\n"
              "nexpo_calls_total{code=\"internal\",operation=\"users.get\"} 1\n"
              "nexpo_calls_total{code=\"ok\",operation=\"users.get\"} 3\n"
              "# HELP nexpo_connections Open connections.\n"
              "# TYPE nexpo_connections gauge\n"
              "nexpo_connections 2.5\n"
              "# HELP nexpo_queue Waiting.\n"
              "# TYPE nexpo_queue gauge\n"
              "nexpo_queue 7\n");
    EXPECT_EQ(Metrics().prometheus(), "");
}

TEST(Metrics, PrintsHistogramsCumulatively) {
    Metrics metrics;
    Histogram& histogram = metrics.histogram("call_seconds", "Duration.", {{"op", "x"}});
    histogram.observe(-1ns);
    histogram.observe(500us);
    histogram.observe(500us + 1ns);
    histogram.observe(2s);
    histogram.observe(1h);
    EXPECT_EQ(metrics.prometheus(),
              "# HELP call_seconds Duration.\n"
              "# TYPE call_seconds histogram\n"
              "call_seconds_bucket{op=\"x\",le=\"0.0005\"} 2\n"
              "call_seconds_bucket{op=\"x\",le=\"0.001\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"0.0025\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"0.005\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"0.01\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"0.025\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"0.05\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"0.1\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"0.25\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"0.5\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"1\"} 3\n"
              "call_seconds_bucket{op=\"x\",le=\"2.5\"} 4\n"
              "call_seconds_bucket{op=\"x\",le=\"5\"} 4\n"
              "call_seconds_bucket{op=\"x\",le=\"10\"} 4\n"
              "call_seconds_bucket{op=\"x\",le=\"+Inf\"} 5\n"
              "call_seconds_sum{op=\"x\"} 3602.001000001\n"
              "call_seconds_count{op=\"x\"} 5\n");
}

TEST(Metrics, EscapesLabelsAndHelp) {
    Metrics metrics;
    metrics.counter("a_total", "One \"line\"\nand C:\\.", {{"l", "say \"hi\"\nC:\\ \xFF"}}).add();
    EXPECT_EQ(metrics.prometheus(),
              "# HELP a_total One \"line\"\\nand C:\\\\.\n"
              "# TYPE a_total counter\n"
              "a_total{l=\"say \\\"hi\\\"\\nC:\\\\ \xEF\xBF\xBD\"} 1\n");
}

TEST(Metrics, PrintsNumbersThatAreNotFinite) {
    Metrics metrics;
    metrics.gauge("a", "").set(std::numeric_limits<double>::infinity());
    metrics.gauge("b", "").set(-std::numeric_limits<double>::infinity());
    metrics.gauge("c", "").set(std::numeric_limits<double>::quiet_NaN());
    std::string const text = metrics.prometheus();
    EXPECT_NE(text.find("\na +Inf\n"), std::string::npos);
    EXPECT_NE(text.find("\nb -Inf\n"), std::string::npos);
    EXPECT_NE(text.find("\nc NaN\n"), std::string::npos);
}

TEST(Metrics, GivesTheSameObjectForTheSameNameAndLabels) {
    Metrics metrics;
    Counter& first = metrics.counter("a_total", "A.", {{"x", "1"}, {"y", "2"}});
    EXPECT_EQ(&metrics.counter("a_total", "A.", {{"y", "2"}, {"x", "1"}}), &first);
    EXPECT_NE(&metrics.counter("a_total", "A.", {{"x", "1"}, {"y", "3"}}), &first);
    EXPECT_NE(&metrics.counter("a_total", "A."), &first);
    // A value cannot pretend to be a further label.
    EXPECT_NE(&metrics.counter("a_total", "A.", {{"x", "1\",y=\"2"}}), &first);
    EXPECT_EQ(&metrics.gauge("b", "B."), &metrics.gauge("b", "B."));
    EXPECT_EQ(&metrics.histogram("c", "C."), &metrics.histogram("c", "C."));
}

TEST(Metrics, RefusesMistakesOfTheProgrammer) {
    Metrics metrics;
    metrics.counter("a_total", "A.");
    metrics.gauge("g", "G.");
    metrics.gauge("h", "H.", {}, [] { return 1.0; });
    EXPECT_THROW(metrics.gauge("a_total", "A."), std::logic_error);
    EXPECT_THROW(metrics.histogram("a_total", "A."), std::logic_error);
    EXPECT_THROW(metrics.gauge("g", "G.", {}, [] { return 1.0; }), std::logic_error);
    EXPECT_THROW(metrics.gauge("h", "H."), std::logic_error);
    EXPECT_THROW(metrics.counter("", ""), std::logic_error);
    EXPECT_THROW(metrics.counter("1a", ""), std::logic_error);
    EXPECT_THROW(metrics.counter("a b", ""), std::logic_error);
    EXPECT_THROW(metrics.counter("a\nb", ""), std::logic_error);
    for (char const* label : {"", "le", "__name__", "a-b", "a:b", "1"}) {
        EXPECT_THROW(metrics.counter("x_total", "", {{label, ""}}), std::logic_error) << label;
    }
    EXPECT_THROW(metrics.counter("x_total", "", {{"a", "1"}, {"a", "2"}}), std::logic_error);
    EXPECT_EQ(metrics.prometheus().find("x_total"), std::string::npos);
}

TEST(Metrics, CountsEverythingFromManyThreads) {
    constexpr int kThreads = 8;
    constexpr int kRounds = 5'000;
    Metrics metrics;
    Gauge& in_flight = metrics.gauge("in_flight", "");
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&metrics, &in_flight, t] {
            Histogram& histogram = metrics.histogram("h_seconds", "");
            for (int i = 0; i < kRounds; ++i) {
                in_flight.add(1);
                metrics.counter("a_total", "", {{"code", std::to_string(i % 3)}}).add();
                histogram.observe(std::chrono::milliseconds(i % 20));
                in_flight.add(-1);
                if (t == 0 && i % 100 == 0) {
                    EXPECT_FALSE(metrics.prometheus().empty());
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    std::uint64_t sum = 0;
    for (char const* code : {"0", "1", "2"}) sum += metrics.counter("a_total", "", {{"code", code}}).value();
    EXPECT_EQ(sum, std::uint64_t{kThreads} * kRounds);
    EXPECT_EQ(in_flight.value(), 0);
    Histogram::Snapshot const snapshot = metrics.histogram("h_seconds", "").snapshot();
    std::uint64_t count = 0;
    for (std::uint64_t bucket : snapshot.buckets) count += bucket;
    EXPECT_EQ(count, std::uint64_t{kThreads} * kRounds);
    EXPECT_EQ(snapshot.sum, kThreads * (kRounds / 20) * 190ms);
}

}  // namespace
}  // namespace nexpo::telemetry

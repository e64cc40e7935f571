// SPDX-License-Identifier: Apache-2.0
#include "telemetry/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>

#include "nexpo/id.hpp"
#include "nexpo/testing/random.hpp"

namespace nexpo::telemetry {
namespace {

constexpr char const* kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

class ZeroRandom final : public Random {
 public:
    void fill(std::span<std::byte> bytes) override {
        for (std::byte& byte : bytes) byte = std::byte{0};
    }
};

TEST(TraceContext, PrintsWhatItReads) {
    auto const context = parse_traceparent(kExample);
    ASSERT_TRUE(context);
    EXPECT_EQ(to_traceparent(*context), kExample);
    EXPECT_EQ(trace_id_of(kExample), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(trace_id_of(""), "");
}

TEST(TraceContext, ReadsLaterVersionsAndForwardsOnlyKnownFlags) {
    std::string const rest = std::string(kExample).substr(2);
    for (std::string const& text : {"01" + rest, "fe" + rest + "-more", "01" + rest + "-", "cc" + rest + "-a-b"}) {
        auto const context = parse_traceparent(text);
        ASSERT_TRUE(context) << text;
        EXPECT_EQ(to_traceparent(*context), kExample);
    }
    auto const flags = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe");
    ASSERT_TRUE(flags);
    EXPECT_EQ(flags->flags, 0xFE);
    EXPECT_TRUE(to_traceparent(*flags).ends_with("-00"));
}

TEST(TraceContext, RefusesMalformedHeaders) {
    std::string const good = kExample;
    for (std::string const& text : {std::string(),
                                    std::string("00"),
                                    good.substr(0, good.size() - 1),
                                    good + "0",
                                    good + "-",
                                    good + "-00",
                                    " " + good,
                                    good + " ",
                                    "ff" + good.substr(2),
                                    "FE" + good.substr(2),
                                    "0g" + good.substr(2),
                                    "01" + good.substr(2) + "x",
                                    std::string("00-00000000000000000000000000000000-00f067aa0ba902b7-01"),
                                    std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
                                    std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"),
                                    std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01"),
                                    std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A"),
                                    std::string("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01"),
                                    std::string("00-4bf92f3577b34da6a3ce929d0e0e47360-0f067aa0ba902b7-01"),
                                    std::string("00-4bf92f3577b34da6a3ce929d0e0e473\0-00f067aa0ba902b7-01", 55)}) {
        EXPECT_FALSE(parse_traceparent(text)) << text;
    }
}

TEST(TraceContext, StartsAndContinuesTraces) {
    testing::SeededRandom random(3);
    TraceContext const root = new_trace(random);
    EXPECT_EQ(parse_traceparent(to_traceparent(root)), root);
    EXPECT_NE(new_trace(random).trace_id, root.trace_id);
    TraceContext const child = child_of(root, random);
    EXPECT_EQ(child.trace_id, root.trace_id);
    EXPECT_NE(child.span_id, root.span_id);
    EXPECT_EQ(child.flags, root.flags);
}

TEST(TraceContext, NeverMakesAnIdOfZeros) {
    ZeroRandom random;
    EXPECT_TRUE(parse_traceparent(to_traceparent(new_trace(random))));
}

TEST(RequestId, IsMadeAndJudged) {
    testing::SeededRandom random(4);
    std::string const id = make_request_id(Timestamp{}, random);
    EXPECT_TRUE(is_id(id, "req"));
    EXPECT_TRUE(acceptable_request_id(id));
    EXPECT_TRUE(acceptable_request_id("a"));
    EXPECT_TRUE(acceptable_request_id("Az09_.:-"));
    EXPECT_TRUE(acceptable_request_id(std::string(128, 'x')));
    for (std::string const& bad :
         {std::string(), std::string(129, 'x'), std::string("a b"), std::string("a\r\nSet-Cookie: x"),
          std::string("a\0", 2), std::string("\xC3\xA9"), std::string("a/b"), std::string("\"")}) {
        EXPECT_FALSE(acceptable_request_id(bad)) << bad;
    }
}

}  // namespace
}  // namespace nexpo::telemetry

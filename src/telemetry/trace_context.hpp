// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nexpo/random.hpp"
#include "nexpo/time.hpp"

namespace nexpo::telemetry {

/// One span's place in a trace (W3C Trace Context, https://www.w3.org/TR/trace-context/).
struct TraceContext {
    /// The flag that says that the caller may have recorded the trace.
    static constexpr std::uint8_t kSampled = 1;

    std::array<std::byte, 16> trace_id{};  ///< Not all zero.
    std::array<std::byte, 8> span_id{};    ///< Not all zero.
    std::uint8_t flags = 0;                ///< Only `kSampled` has a meaning.

    bool operator==(TraceContext const&) const = default;
};

/// Reads a `traceparent` header's value, of version 00 or the same fields of a later one; nothing when it is malformed,
/// as the trace then starts anew.
std::optional<TraceContext> parse_traceparent(std::string_view text);

/// The `traceparent` header's value in version 00.
std::string to_traceparent(TraceContext const& context);

/// The trace id in what `to_traceparent` made, as it is written in logs: 32 lower-case hexadecimal digits. Empty for
/// anything else.
std::string_view trace_id_of(std::string_view traceparent);

/// The start of a trace of our own, sampled.
TraceContext new_trace(Random& random);

/// A new span of the same trace.
TraceContext child_of(TraceContext const& parent, Random& random);

/// A new request id such as `req_01j8x4mq3he5nr7w0c2k9v6t1b`.
std::string make_request_id(Timestamp now, Random& random);

/// True for an id that a client may choose: 1 to 128 characters of `A-Z a-z 0-9 _ . : -`.
bool acceptable_request_id(std::string_view text);

}  // namespace nexpo::telemetry

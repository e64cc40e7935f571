// SPDX-License-Identifier: Apache-2.0
#include "telemetry/trace_context.hpp"

#include <algorithm>
#include <span>

#include "base/hex.hpp"
#include "nexpo/id.hpp"

namespace nexpo::telemetry {

namespace {

// "00-" trace id "-" span id "-" flags
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kSpanIdAt = kTraceIdAt + 32 + 1;
constexpr std::size_t kFlagsAt = kSpanIdAt + 16 + 1;
constexpr std::size_t kLength = kFlagsAt + 2;
constexpr std::size_t kMaxRequestIdLength = 128;

bool all_zero(std::span<std::byte const> bytes) {
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

/// Reads lower-case hexadecimal digits; false when there are others.
bool read_hex(std::string_view text, std::span<std::byte> out) {
    if (text.find_first_not_of("0123456789abcdef") != std::string_view::npos) return false;
    auto const bytes = base::hex_decode(text);
    if (!bytes || bytes->size() != out.size()) return false;
    std::ranges::copy(std::as_bytes(std::span(*bytes)), out.begin());
    return true;
}

void fill_id(std::span<std::byte> id, Random& random) {
    random.fill(id);
    if (all_zero(id)) id.back() = std::byte{1};
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
    if (text.size() < kLength) return std::nullopt;
    std::array<std::byte, 1> version{};
    std::array<std::byte, 1> flags{};
    TraceContext context;
    bool const well_formed = read_hex(text.substr(0, 2), version) && text[2] == '-' &&
                             read_hex(text.substr(kTraceIdAt, 32), context.trace_id) && text[kSpanIdAt - 1] == '-' &&
                             read_hex(text.substr(kSpanIdAt, 16), context.span_id) && text[kFlagsAt - 1] == '-' &&
                             read_hex(text.substr(kFlagsAt, 2), flags);
    if (!well_formed || version[0] == std::byte{0xFF}) return std::nullopt;
    // Section 4.3: a later version may add fields, which we do not know.
    if (text.size() > kLength && (version[0] == std::byte{0} || text[kLength] != '-')) return std::nullopt;
    if (all_zero(context.trace_id) || all_zero(context.span_id)) return std::nullopt;
    context.flags = std::to_integer<std::uint8_t>(flags[0]);
    return context;
}

std::string to_traceparent(TraceContext const& context) {
    // Section 3.2.2.5.2: flags without a meaning are sent as zero.
    std::array const flags{static_cast<std::byte>(context.flags & TraceContext::kSampled)};
    std::string text;
    text.reserve(kLength);
    text.append("00-");
    base::append_hex(text, context.trace_id);
    base::append_hex(text.append(1, '-'), context.span_id);
    base::append_hex(text.append(1, '-'), flags);
    return text;
}

std::string_view trace_id_of(std::string_view traceparent) {
    if (traceparent.size() != kLength) return {};
    return traceparent.substr(kTraceIdAt, kSpanIdAt - 1 - kTraceIdAt);
}

TraceContext new_trace(Random& random) {
    TraceContext context;
    fill_id(context.trace_id, random);
    fill_id(context.span_id, random);
    context.flags = TraceContext::kSampled;
    return context;
}

TraceContext child_of(TraceContext const& parent, Random& random) {
    TraceContext context = parent;
    fill_id(context.span_id, random);
    return context;
}

std::string make_request_id(Timestamp now, Random& random) {
    return make_id("req", now, random);
}

bool acceptable_request_id(std::string_view text) {
    auto const acceptable = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == ':' || c == '-';
    };
    return !text.empty() && text.size() <= kMaxRequestIdLength && std::ranges::all_of(text, acceptable);
}

}  // namespace nexpo::telemetry

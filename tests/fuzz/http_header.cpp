// SPDX-License-Identifier: Apache-2.0
// Values of headers that clients send.
#include <algorithm>

#include "base/origin.hpp"
#include "fuzz/fuzz.hpp"
#include "gateway/content_coding.hpp"
#include "gateway/entity_tag.hpp"
#include "gateway/media_type.hpp"
#include "gateway/request_fields.hpp"
#include "nexpo/testing/random.hpp"
#include "telemetry/trace_context.hpp"

namespace nexpo::fuzz {
namespace {

std::string swap_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter) c = static_cast<char>(c ^ 0x20);
    }
    return out;
}

void media_types(std::string_view value) {
    auto const type = gateway::body_type(value);
    require(gateway::body_type(swap_case(value)) == type, "media types have no case", value);
    require(gateway::body_type(" \t" + std::string(value)) == type, "spaces around do not count", value);
    bool const accepted = gateway::accepts_json(value);
    require(gateway::accepts_json(swap_case(value)) == accepted, "media ranges have no case", value);
    require(gateway::accepts_json("application/json," + std::string(value)), "what is named first is accepted", value);
}

void entity_tags(std::string_view value) {
    auto const version = gateway::parse_if_match(value);
    if (!version) {
        require(version.error().reason == "header_invalid", "refusals are of one kind");
    } else if (*version && **version != gateway::kNoVersion) {
        auto const tag = gateway::version_tag(**version);
        require(**version > 0, "versions are positive", value);
        require(gateway::named_tag(value, tag).has_value(), "If-Match and If-None-Match read the same tags", value);
    }
    auto const number = static_cast<std::int64_t>(Choices(value).below(1'000'000)) + 1;
    auto const own = gateway::parse_if_match(gateway::version_tag(number));
    require(own && *own == number, "a tag reads back");
    require(gateway::named_tag("\"x\" , W/" + gateway::version_tag(number), gateway::version_tag(number)).has_value(),
            "a tag is found in a list");
}

void traces(std::string_view value) {
    auto const context = telemetry::parse_traceparent(value);
    if (!context) return;
    auto const written = telemetry::to_traceparent(*context);
    require(written.substr(3, 49) == value.substr(3, 49), "ids are passed on", value);
    auto const again = telemetry::parse_traceparent(written);
    require(again && again->trace_id == context->trace_id && again->span_id == context->span_id, "a trace reads back");
    testing::SeededRandom random(1);
    auto const child = telemetry::child_of(*context, random);
    require(child.trace_id == context->trace_id && child.span_id != context->span_id, "a child is of the same trace");
}

void fields(std::string_view value) {
    bool const visible = std::ranges::all_of(value, [](char c) { return c > ' ' && c < '\x7f'; });
    if (telemetry::acceptable_request_id(value)) {
        require(visible && value.size() <= 128, "request ids can be logged", value);
    }
    auto const key = gateway::parse_idempotency_key({.value = value, .count = 1});
    if (key) require(!key->empty() && key->size() <= value.size(), "keys are not made up", value);
    require(!gateway::parse_idempotency_key({.value = value, .count = 2}), "one key only");
    auto const token = gateway::bearer_token({.value = value, .count = 1});
    if (!token.empty()) {
        require(value.size() > 7 && value.find(token) != value.npos, "tokens are not made up", value);
        require(token.find_first_of(" \t,\"\r\n") == token.npos, "tokens have no separators", value);
    }
    require(gateway::bearer_token({.value = value, .count = 2}).empty(), "one token only");
}

void codings(std::string_view value) {
    auto const wish = [](std::string text) {
        Header const header{"Accept-Encoding", std::move(text)};
        return gateway::coding_wish({header});
    };
    std::string const text(value);
    require(wish(swap_case(value)) == wish(text), "codings have no case", value);
    require(wish(text + ",gzip") != gateway::CodingWish::plain, "gzip that is asked for is given", value);
    require(wish("gzip;q=0") == gateway::CodingWish::plain, "gzip that is refused is not given");
}

void origins(std::string_view value) {
    auto const pattern = base::OriginPattern::parse(value);
    static auto const wildcard = base::OriginPattern::parse("https://*.example.com").value();
    if (wildcard.matches(value)) {
        require(value.starts_with("https://") && value.ends_with(".example.com"), "a wildcard has its ends", value);
        auto const label = value.substr(8, value.size() - 8 - 12);
        require(!label.empty() && label.find_first_of("./:@?#\\%") == label.npos, "and one label between", value);
    }
    if (!pattern || pattern->is_wildcard()) return;
    require(pattern->exact() == value && pattern->matches(value), "an origin means itself", value);
    require(!pattern->matches(swap_case(value)) || swap_case(value) == value, "and nothing else", value);
}

/// `name: value` lines.
void whole(std::string_view lines) {
    std::vector<Header> headers;
    std::size_t size = 0;
    while (!lines.empty()) {
        auto line = take_until(lines, "\n");
        auto const name = take_until(line, ":");
        headers.push_back({std::string(name), std::string(line)});
        size += name.size() + line.size();
    }
    auto const fields = gateway::read_fields(headers);
    require(fields.size == size, "every header is counted");
    std::size_t given = 0;
    for (auto const& header : headers) {
        if (swap_case(header.name) == "aUTHORIZATION" || header.name == "authorization") ++given;
    }
    require(fields.authorization.count >= given, "no repeated header is overlooked");
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(http_header) {
    using namespace nexpo::fuzz;
    whole(input);
    media_types(input);
    entity_tags(input);
    traces(input);
    fields(input);
    codings(input);
    origins(input);
}

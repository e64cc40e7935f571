// SPDX-License-Identifier: Apache-2.0
#include "gateway/media_type.hpp"

#include <algorithm>
#include <optional>

#include "gateway/ascii.hpp"
#include "gateway/weight.hpp"

namespace nexpo::gateway {

namespace {

struct Parameter {
    std::string_view name{};
    std::string_view value{};  // as it stands, with quotes if any
};

/// What stands before the first `separator` outside of quotes; takes it off the text.
std::string_view take_until(std::string_view& text, char separator) noexcept {
    bool quoted = false;
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        if (text[i] == '"') quoted = !quoted;
        if (quoted && text[i] == '\\') ++i;
        if (!quoted && i < text.size() && text[i] == separator) break;
    }
    auto const end = std::min(i, text.size());
    auto const piece = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return piece;
}

std::optional<Parameter> read_parameter(std::string_view text) noexcept {
    auto const equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    return Parameter{text.substr(0, equals), text.substr(equals + 1)};
}

bool is_media_range(std::string_view text) noexcept {
    auto const slash = text.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size()) return false;
    auto const type = text.substr(0, slash);
    auto const subtype = text.substr(slash + 1);
    return std::ranges::all_of(type, is_token_character) && std::ranges::all_of(subtype, is_token_character);
}

struct MediaType {
    std::string_view name;
    std::string_view range;  ///< Of all of its kind.
};

/// How closely a range names a type: 0 = not at all.
int closeness(std::string_view range, MediaType const& type) noexcept {
    if (equal_ignoring_case(range, type.name)) return 3;
    if (equal_ignoring_case(range, type.range)) return 2;
    return range == "*/*" ? 1 : 0;
}

bool accepts(std::string_view accept, MediaType const& type) noexcept {
    int best = 0;
    bool accepted = false;
    bool any_range = false;
    while (!accept.empty()) {
        auto element = take_until(accept, ',');
        auto const range = take_until(element, ';');
        if (!is_media_range(range)) continue;
        any_range = true;
        bool positive = true;
        while (!element.empty()) {
            auto const parameter = read_parameter(take_until(element, ';'));
            if (parameter && equal_ignoring_case(parameter->name, "q")) positive = parse_weight(parameter->value) > 0;
        }
        auto const close = closeness(range, type);
        if (close > best) {
            best = close;
            accepted = positive;
        } else if (close == best && close > 0) {
            accepted = accepted || positive;
        }
    }
    return accepted || !any_range;
}

}  // namespace

BodyType body_type(std::string_view content_type) noexcept {
    auto const type = take_until(content_type, ';');
    while (!content_type.empty()) {
        auto const text = take_until(content_type, ';');
        if (text.empty()) continue;
        auto const parameter = read_parameter(text);
        if (!parameter || !equal_ignoring_case(parameter->name, "charset")) return BodyType::other;
        auto const& value = parameter->value;
        if (!equal_ignoring_case(value, "utf-8") && !equal_ignoring_case(value, "\"utf-8\"")) return BodyType::other;
    }
    if (equal_ignoring_case(type, "application/json")) return BodyType::json;
    return equal_ignoring_case(type, "application/merge-patch+json") ? BodyType::merge_patch : BodyType::other;
}

bool accepts_json(std::string_view accept) noexcept {
    return accepts(accept, {"application/json", "application/*"});
}

bool accepts_event_stream(std::string_view accept) noexcept {
    return accepts(accept, {"text/event-stream", "text/*"});
}

}  // namespace nexpo::gateway

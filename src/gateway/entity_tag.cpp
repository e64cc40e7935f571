// SPDX-License-Identifier: Apache-2.0
#include "gateway/entity_tag.hpp"

#include <algorithm>
#include <charconv>

#include "gateway/ascii.hpp"

namespace nexpo::gateway {

namespace {

struct Tag {
    bool weak = false;
    std::string_view quoted{};  // with its quotes
};

/// Takes the first tag off a list, with the comma after it. Nothing when there is none.
std::optional<Tag> take_tag(std::string_view& list) noexcept {
    Tag tag;
    if (list.starts_with("W/")) {
        tag.weak = true;
        list.remove_prefix(2);
    }
    if (list.empty() || list.front() != '"') return std::nullopt;
    auto const end = list.find('"', 1);
    if (end == std::string_view::npos) return std::nullopt;
    tag.quoted = list.substr(0, end + 1);
    // RFC 9110 section 8.8.3: no spaces and control characters inside.
    auto const inside = tag.quoted.substr(1, end - 1);
    if (std::ranges::any_of(inside, [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; })) return std::nullopt;

    list = trim(list.substr(end + 1));
    if (list.empty()) return tag;
    if (list.front() != ',') return std::nullopt;
    // RFC 9110 section 5.6.1.2: empty elements of a list are ignored.
    while (!list.empty() && list.front() == ',') list = trim(list.substr(1));
    return tag;
}

std::int64_t version_in(Tag const& tag) {
    auto const text = tag.quoted.substr(1, tag.quoted.size() - 2);
    if (tag.weak || text.size() < 2 || text[0] != 'v' || text[1] < '1' || text[1] > '9') return kNoVersion;
    std::int64_t version = 0;
    auto const [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), version);
    return error == std::errc{} && end == text.data() + text.size() ? version : kNoVersion;
}

Error refused(std::string message) {
    return {.code = Errc::invalid_argument,
            .reason = "header_invalid",
            .message = "A header cannot be understood.",
            .violations = {{"", "if_match", std::move(message)}}};
}

}  // namespace

std::string version_tag(std::int64_t version) {
    return "\"v" + std::to_string(version) + '"';
}

Result<std::optional<std::int64_t>> parse_if_match(std::string_view header) {
    header = trim(header);
    if (header == "*") return std::optional<std::int64_t>{};
    std::optional<std::int64_t> wanted;
    do {
        auto const tag = take_tag(header);
        if (!tag) return refused("If-Match must be an entity tag such as \"v7\", or *.");
        auto const version = version_in(*tag);
        if (version == kNoVersion || version == wanted) continue;
        if (wanted) return refused("If-Match must name one version.");
        wanted = version;
    } while (!header.empty());
    return std::optional<std::int64_t>(wanted.value_or(kNoVersion));
}

bool names_tag(std::string_view header, std::string_view tag) noexcept {
    header = trim(header);
    if (header == "*") return true;
    while (!header.empty()) {
        auto const candidate = take_tag(header);
        if (!candidate) return false;
        if (candidate->quoted == tag) return true;
    }
    return false;
}

}  // namespace nexpo::gateway

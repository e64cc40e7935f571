// SPDX-License-Identifier: Apache-2.0
#include "gateway/entity_tag.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <span>

#include "base/base64.hpp"
#include "crypto/digest.hpp"
#include "gateway/ascii.hpp"

namespace nexpo::gateway {

namespace {

constexpr std::string_view kGzipSuffix = "-gzip\"";

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
    auto const suffix = tag.quoted.ends_with(kGzipSuffix) ? kGzipSuffix.size() : 1;
    auto const text = tag.quoted.substr(1, std::max(tag.quoted.size() - suffix, std::size_t{1}) - 1);
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

std::string content_tag(std::string_view content) {
    auto const digest = crypto::sha256(content);
    return '"' + base::base64url_encode(std::span(digest).first(12)) + '"';
}

std::string gzip_tag(std::string_view tag) {
    std::string out(tag.substr(0, tag.size() - 1));
    return out.append(kGzipSuffix);
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

std::optional<std::string> named_tag(std::string_view header, std::string const& tag) {
    header = trim(header);
    if (header == "*") return tag;
    auto compressed = gzip_tag(tag);
    while (!header.empty()) {
        auto const candidate = take_tag(header);
        if (!candidate) return std::nullopt;
        if (candidate->quoted == tag) return tag;
        if (candidate->quoted == compressed) return compressed;
    }
    return std::nullopt;
}

}  // namespace nexpo::gateway

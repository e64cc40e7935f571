// SPDX-License-Identifier: Apache-2.0
#include "base/origin.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace nexpo::base {

namespace {

constexpr std::size_t kMaxOrigin = 300;  // a name has at most 253 characters (RFC 1035 section 2.3.4)
constexpr std::size_t kMaxLabel = 63;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_number(char c) {
    return c >= '0' && c <= '9';
}

/// Lower case only: that is how browsers write hosts, and names outside of ASCII as `xn--`.
bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= kMaxLabel &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_number(c) || c == '-' || c == '_'; });
}

/// How many labels, or 0 when one is wrong.
std::size_t count_labels(std::string_view host) {
    for (std::size_t count = 1;; ++count) {
        auto const dot = host.find('.');
        if (!is_label(host.substr(0, dot))) return 0;
        if (dot == host.npos) return count;
        host.remove_prefix(dot + 1);
    }
}

bool is_host(std::string_view host) {
    if (!host.starts_with('[')) return count_labels(host) != 0;
    return host.size() > 3 && host.ends_with(']') && std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
               return is_number(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
           });
}

bool is_scheme(std::string_view text) {
    return !text.empty() && is_lower(text.front()) && std::ranges::all_of(text, [](char c) {
        return is_lower(c) || is_number(c) || c == '+' || c == '-' || c == '.';
    });
}

/// Browsers leave out the port that a scheme has anyway.
bool is_port(std::string_view port, std::string_view scheme) {
    if (port.empty() || port.size() > 5 || port.front() == '0' || !std::ranges::all_of(port, is_number)) return false;
    if (port.size() == 5 && port > "65535") return false;
    return !(scheme == "https" && port == "443") && !(scheme == "http" && port == "80");
}

}  // namespace

std::optional<OriginPattern> OriginPattern::parse(std::string_view text) {
    constexpr std::string_view kBefore = "://";
    auto const before = text.find(kBefore);
    if (before == text.npos || text.size() > kMaxOrigin) return std::nullopt;
    auto const scheme = text.substr(0, before);
    auto const start = before + kBefore.size();
    auto host = text.substr(start);
    if (auto const colon = host.rfind(':'); colon != host.npos && !host.ends_with(']')) {
        if (!is_port(host.substr(colon + 1), scheme)) return std::nullopt;
        host = host.substr(0, colon);
    }
    if (!is_scheme(scheme)) return std::nullopt;

    OriginPattern pattern;
    if (host.starts_with("*.")) {
        if (count_labels(host.substr(2)) < 2) return std::nullopt;
        pattern.prefix_ = text.substr(0, start);
        pattern.suffix_ = text.substr(start + 1);
    } else {
        if (!is_host(host)) return std::nullopt;
        pattern.prefix_ = text;
    }
    return pattern;
}

bool OriginPattern::matches(std::string_view origin) const noexcept {
    if (!is_wildcard()) return origin == prefix_;
    if (origin.size() <= prefix_.size() + suffix_.size()) return false;
    if (!origin.starts_with(prefix_) || !origin.ends_with(suffix_)) return false;
    return is_label(origin.substr(prefix_.size(), origin.size() - prefix_.size() - suffix_.size()));
}

}  // namespace nexpo::base

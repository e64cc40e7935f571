// SPDX-License-Identifier: Apache-2.0
#include "http/forwarding.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace nexpo::http_host {

namespace {

/// One proxy's word on whom it has its request from.
struct Hop {
    std::optional<IpAddress> address{};
    bool secure = false;
};

bool equal_without_case(std::string_view a, std::string_view b) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpace = " \t";
    auto const first = text.find_first_not_of(kSpace);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos;
}

/// An address with or without port: `192.0.2.1:80`, `[2001:db8::1]:80`, and `2001:db8::1`, which many proxies write.
std::optional<IpAddress> parse_node(std::string_view text) {
    if (text.starts_with('[')) {
        auto const end = text.find(']');
        if (end == text.npos || text.find(':') > end) return std::nullopt;
        auto const rest = text.substr(end + 1);
        if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
        return IpAddress::parse(text.substr(1, end - 1));
    }
    auto const colon = text.find(':');
    if (colon != text.npos && text.find(':', colon + 1) == text.npos) {
        return is_port(text.substr(colon + 1)) ? IpAddress::parse(text.substr(0, colon)) : std::nullopt;
    }
    return IpAddress::parse(text);
}

/// Takes the text up to a separator that stands outside of quotes off the front.
std::string_view take_until(std::string_view& text, char separator) {
    bool quoted = false;
    std::size_t i = 0;
    for (; i < text.size() && (quoted || text[i] != separator); ++i) {
        if (text[i] == '"') quoted = !quoted;
        if (text[i] == '\\' && quoted) ++i;
    }
    auto const taken = text.substr(0, i);
    text.remove_prefix(std::min(text.size(), i + 1));
    return taken;
}

/// A token or a quoted string (RFC 7239 section 4). No address and no scheme needs a quoted pair.
std::string_view unquote(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
    return text;
}

/// `for=192.0.2.60;proto=https;by=203.0.113.43`
Hop parse_forwarded(std::string_view element) {
    Hop hop;
    bool twice = false;
    while (!element.empty()) {
        auto pair = trim(take_until(element, ';'));
        auto const name = take_until(pair, '=');
        auto const value = unquote(pair);
        if (equal_without_case(name, "for")) {
            twice = twice || hop.address;
            hop.address = parse_node(value);
        } else if (equal_without_case(name, "proto")) {
            hop.secure = equal_without_case(value, "https");
        }
    }
    if (twice) hop.address.reset();
    return hop;
}

/// The elements of one line, split at commas outside of quotes from the end on, where trusted proxies append: a quote
/// that the client leaves open before that must not swallow their word.
std::vector<std::string_view> list_of(std::string_view line) {
    std::vector<std::string_view> list;
    bool quoted = false;
    auto end = line.size();
    for (auto i = line.size(); i-- > 0;) {
        if (line[i] == '"') quoted = !quoted;
        if (line[i] != ',' || quoted) continue;
        list.push_back(trim(line.substr(i + 1, end - i - 1)));
        end = i;
    }
    list.push_back(trim(line.substr(0, end)));
    std::ranges::reverse(list);
    if (list.back().empty()) list.pop_back();
    return list;
}

/// The elements of a list that may be spread over several lines (RFC 9110 section 5.3).
std::vector<std::string_view> elements(std::span<Header const> headers, std::string_view name) {
    std::vector<std::string_view> list;
    for (auto const& header : headers) {
        if (!equal_without_case(header.name, name)) continue;
        auto const own = list_of(header.value);
        list.insert(list.end(), own.begin(), own.end());
    }
    return list;
}

std::vector<Hop> hops(ForwardingHeader header, std::span<Header const> headers) {
    std::vector<Hop> list;
    if (header == ForwardingHeader::forwarded) {
        for (auto const element : elements(headers, "Forwarded")) list.push_back(parse_forwarded(element));
        return list;
    }
    for (auto const element : elements(headers, "X-Forwarded-For")) list.push_back({parse_node(element)});
    // Some proxies add their word to this list and some replace it, so only its end says anything.
    auto const schemes = elements(headers, "X-Forwarded-Proto");
    bool const secure = !schemes.empty() && equal_without_case(schemes.back(), "https");
    if (list.empty()) list.push_back({});
    for (auto& hop : list) hop.secure = secure;
    return list;
}

}  // namespace

Forwarding::Forwarding(HttpConfig const& config) : header_(config.forwarding_header) {
    for (auto const& text : config.trusted_proxies) {
        if (auto const network = Network::parse(text)) proxies_.push_back(*network);
    }
}

bool Forwarding::trusts(std::string const& address) const {
    if (proxies_.empty()) return false;
    auto const parsed = IpAddress::parse(address);
    return parsed && trusts(*parsed);
}

bool Forwarding::trusts(IpAddress const& address) const {
    return std::ranges::any_of(proxies_, [&](Network const& network) { return network.contains(address); });
}

Client Forwarding::find_client(std::string const& proxy, std::span<Header const> headers) const {
    Client client{.address = proxy};
    auto const list = hops(header_, headers);
    for (auto hop = list.rbegin(); hop != list.rend(); ++hop) {
        client.secure = hop->secure;
        if (!hop->address) return {.address = proxy, .secure = hop->secure};
        client.address = hop->address->text();
        if (!trusts(*hop->address)) break;
    }
    return client;
}

}  // namespace nexpo::http_host

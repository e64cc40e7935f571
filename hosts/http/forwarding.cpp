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

/// RFC 9110 section 5.6.2
bool is_token_character(char c) {
    bool const is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

/// Reads `Forwarded` by the grammar of RFC 7239 section 4, and nothing else: a quote that the client has left open
/// would swallow what the proxy adds behind it.
class ForwardedReader {
 public:
    explicit ForwardedReader(std::string_view text) : rest_(text) {}

    /// Adds the elements of a line. False when it is malformed.
    bool read(std::vector<Hop>& hops) {
        do {
            Hop hop;
            if (!read_element(hop)) return false;
            hops.push_back(hop);
        } while (take(','));
        return rest_.empty();
    }

 private:
    /// `for=192.0.2.60;proto=https;by=203.0.113.43`
    bool read_element(Hop& hop) {
        std::optional<std::string_view> node;
        std::optional<std::string_view> scheme;
        do {
            skip_space();
            bool const is_empty = rest_.empty() || rest_.front() == ';' || rest_.front() == ',';
            if (!is_empty && !read_pair(node, scheme)) return false;
            skip_space();
        } while (take(';'));
        if (node) hop.address = parse_node(*node);
        hop.secure = scheme && equal_without_case(*scheme, "https");
        return true;
    }

    bool read_pair(std::optional<std::string_view>& node, std::optional<std::string_view>& scheme) {
        auto const name = take_token();
        if (name.empty() || !take('=')) return false;
        auto const value = take_value();
        if (!value) return false;
        auto* const known = equal_without_case(name, "for")     ? &node
                            : equal_without_case(name, "proto") ? &scheme
                                                                : nullptr;
        if (known == nullptr) return true;
        bool const once = !*known;
        *known = value;
        return once;
    }

    /// A token or what a quoted string holds. Quoted pairs stay as they are: no address and no scheme needs one.
    std::optional<std::string_view> take_value() {
        if (take('"')) return take_quoted();
        auto const token = take_token();
        return token.empty() ? std::nullopt : std::optional(token);
    }

    std::optional<std::string_view> take_quoted() {
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            if (rest_[i] == '\\') {
                ++i;
            } else if (rest_[i] == '"') {
                auto const text = rest_.substr(0, i);
                rest_.remove_prefix(i + 1);
                return text;
            }
        }
        return std::nullopt;
    }

    std::string_view take_token() {
        auto const* const end = std::ranges::find_if_not(rest_, is_token_character);
        auto const token = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(token.size());
        return token;
    }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// The grammar has none beside semicolons; some proxies write it there, and it can be read in one way only.
    void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

    std::string_view rest_;
};

/// The values of a header that may be spread over several lines (RFC 9110 section 5.3).
std::vector<std::string_view> lines(std::span<Header const> headers, std::string_view name) {
    std::vector<std::string_view> list;
    for (auto const& header : headers) {
        if (equal_without_case(header.name, name)) list.emplace_back(header.value);
    }
    return list;
}

/// Elements between commas, which neither addresses nor schemes have: there are no quotes in these headers.
std::vector<std::string_view> elements(std::span<Header const> headers, std::string_view name) {
    std::vector<std::string_view> list;
    for (auto line : lines(headers, name)) {
        auto comma = line.find(',');
        for (; comma != line.npos; comma = line.find(',')) {
            list.push_back(trim(line.substr(0, comma)));
            line.remove_prefix(comma + 1);
        }
        list.push_back(trim(line));
    }
    return list;
}

/// Nothing when any line is malformed: then nobody can tell which words are the proxies'.
std::vector<Hop> forwarded_hops(std::span<Header const> headers) {
    std::vector<Hop> list;
    for (auto const line : lines(headers, "Forwarded")) {
        if (!ForwardedReader(line).read(list)) return {};
    }
    return list;
}

std::vector<Hop> x_forwarded_hops(std::span<Header const> headers) {
    std::vector<Hop> list;
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
    auto const list = header_ == ForwardingHeader::forwarded ? forwarded_hops(headers) : x_forwarded_hops(headers);
    for (auto hop = list.rbegin(); hop != list.rend(); ++hop) {
        client.secure = hop->secure;
        if (!hop->address) return {.address = proxy, .secure = hop->secure};
        client.address = hop->address->text();
        if (!trusts(*hop->address)) break;
    }
    return client;
}

}  // namespace nexpo::http_host

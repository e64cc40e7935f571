// SPDX-License-Identifier: Apache-2.0
// What the HTTP client reads: URLs that users give and servers redirect to, addresses, dates.
#include <algorithm>
#include <array>

#include "fuzz/fuzz.hpp"
#include "net/address_guard.hpp"
#include "net/http_date.hpp"
#include "net/ip_address.hpp"
#include "net/url.hpp"

namespace nexpo::fuzz {
namespace {

auto const kNow = Timestamp(std::chrono::seconds(1'800'000'000));

void is_sound(net::Url const& url) {
    require(url.text.starts_with(url.secure ? "https://" : "http://"), "a URL has its scheme", url.text);
    bool const plain = std::ranges::all_of(url.text, [](char c) { return c > ' ' && c != '\x7f'; });
    require(plain && url.text.find('#') == url.text.npos, "a URL can stand in a request line", url.text);
    require(!url.host.empty() && url.port != 0, "a URL leads to a host", url.text);
    require(url.host.find_first_of("@/?#[]\\% ") == url.host.npos, "a host is nothing but a host", url.host);
    require(std::ranges::none_of(url.host, [](char c) { return c >= 'A' && c <= 'Z'; }), "hosts have one case",
            url.host);
    auto const again = net::parse_url(url.text);
    require(again && again->text == url.text && again->host == url.host && again->port == url.port,
            "a normalized URL stays as it is", url.text);
    auto host = std::string_view(url.text).substr(url.text.find("//") + 2);
    host = host.substr(0, host.find_first_of(":/?"));
    // Without the root's dot `16.` would be a number that stands for an address.
    if (host.ends_with('.')) return;
    auto const origin = net::parse_url(url.origin());
    require(origin && origin->host == url.host && origin->port == url.port && origin->secure == url.secure,
            "an origin is a URL", url.origin());
}

void urls(std::string_view text) {
    static auto const base = net::parse_url("https://example.com:8443/a/b?c").value();
    auto const url = net::parse_url(text);
    if (url) is_sound(*url);
    auto const resolved = net::resolve_url(base, text);
    if (resolved) is_sound(*resolved);
    if (url && resolved) require(url->text == resolved->text, "an absolute URL needs no base", text);
    bool const relative = text.starts_with('/') && !text.starts_with("//") && text.find('\\') == text.npos;
    if (relative && resolved) require(resolved->origin() == base.origin(), "a path leads to the same origin", text);
}

/// Some of RFC 6890, written in another way. Behind NAT64 (RFC 6052) the last four bytes count.
bool is_plainly_private(net::IpAddress const& address) {
    constexpr std::array<std::uint8_t, 12> kNat64{0, 0x64, 0xff, 0x9b};
    auto const& bytes = address.bytes();
    bool const is_nat64 = std::equal(kNat64.begin(), kNat64.end(), bytes.begin());
    if (!address.is_v4() && !is_nat64) return (bytes[0] & 0xe0) != 0x20;  // outside of 2000::/3
    auto const* byte = address.is_v4() ? bytes.data() : bytes.data() + kNat64.size();
    return byte[0] == 0 || byte[0] == 10 || byte[0] == 127 || byte[0] >= 224 || (byte[0] == 169 && byte[1] == 254) ||
           (byte[0] == 172 && byte[1] >= 16 && byte[1] < 32) || (byte[0] == 192 && byte[1] == 168) ||
           (byte[0] == 100 && byte[1] >= 64 && byte[1] < 128);
}

void addresses(std::string_view text) {
    if (auto const network = net::IpNetwork::parse(text)) {
        auto const first = net::IpAddress::parse(text.substr(0, text.find('/')));
        require(first && network->contains(*first), "a network begins with its address", text);
    }
    auto const address = net::IpAddress::parse(text);
    if (!address) return;
    auto const again = net::IpAddress::parse(address->to_string());
    require(again && *again == *address, "an address reads back", text);
    static auto const guard = net::AddressGuard::create({"10.1.0.0/16"}, {"internal"}).value();
    bool const reachable = guard.allows("example.com", *address);
    require(!net::is_public(*address) || !is_plainly_private(*address), "private addresses are not public", text);
    require(!net::is_public(*address) || reachable, "public addresses can be reached", text);
    require(guard.allows("internal", *address), "what is allowed by name can be reached", text);
    auto const allowed = address->to_string().starts_with("10.1.") || net::is_public(*address);
    require(allowed || !reachable, "nothing else can", text);
}

void dates(std::string_view text) {
    auto const date = net::parse_http_date(text, kNow);
    auto const wait = net::parse_retry_after(text, kNow);
    if (date) {
        require(*date >= min_timestamp() && *date <= max_timestamp(), "dates lie in the years 1 to 9999", text);
        require(date->time_since_epoch() % std::chrono::seconds(1) == std::chrono::seconds(0),
                "dates have whole seconds");
        require(wait.has_value(), "a date says how long to wait", text);
    }
    if (wait) require(wait->count() >= 0, "nobody waits for less than nothing", text);
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(net) {
    using namespace nexpo::fuzz;
    urls(input);
    addresses(input);
    dates(input);
}

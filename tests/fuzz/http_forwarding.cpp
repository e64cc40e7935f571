// SPDX-License-Identifier: Apache-2.0
// Who sent a request that came through proxies: nothing that a client writes outweighs what the proxy adds.
#include "http/forwarding.hpp"

#include "fuzz/fuzz.hpp"
#include "http/network.hpp"

namespace nexpo::fuzz {
namespace {

using http_host::Forwarding;
using http_host::ForwardingHeader;
using http_host::IpAddress;
using http_host::Network;

constexpr auto* kProxy = "10.0.0.1";
constexpr auto* kClient = "203.0.113.9";

Forwarding behind_a_proxy(ForwardingHeader header) {
    http_host::HttpConfig config;
    config.trusted_proxies = {"10.0.0.0/8", "2001:db8:1::/48"};
    config.forwarding_header = header;
    return Forwarding(config);
}

void addresses(std::string_view text) {
    auto const address = IpAddress::parse(text);
    auto const network = Network::parse(text);
    if (address) {
        auto const again = IpAddress::parse(address->text());
        require(again && *again == *address, "an address reads back", text);
        require(network && network->contains(*address), "an address is a network of one", text);
    }
    if (network) {
        auto const first = IpAddress::parse(text.substr(0, text.find('/')));
        require(first && network->contains(*first), "a network begins with its address", text);
    }
}

/// The proxy appends to the client's line.
void same_line(std::string_view written) {
    static auto const list = behind_a_proxy(ForwardingHeader::x_forwarded_for);
    static auto const elements = behind_a_proxy(ForwardingHeader::forwarded);
    std::string const text(written);
    Header const for_header{"X-Forwarded-For", text + ", " + kClient};
    require(list.find_client(kProxy, {&for_header, 1}).address == kClient, "the proxy's word counts", written);
    Header const forwarded{"Forwarded", text + ", for=" + kClient};
    auto const found = elements.find_client(kProxy, {&forwarded, 1}).address;
    require(found == kClient || found == kProxy, "the proxy's element counts, or nothing does", written);
}

/// The proxy adds a line of its own.
void own_line(std::string_view written) {
    static auto const list = behind_a_proxy(ForwardingHeader::x_forwarded_for);
    static auto const elements = behind_a_proxy(ForwardingHeader::forwarded);
    std::string const text(written);
    Header const for_headers[] = {{"x-forwarded-for", text}, {"X-Forwarded-For", kClient}};
    require(list.find_client(kProxy, for_headers).address == kClient, "the proxy's line counts", written);
    Header const forwarded[] = {{"forwarded", text}, {"Forwarded", std::string("proto=https;for=") + kClient}};
    auto const found = elements.find_client(kProxy, forwarded);
    bool const proxys = found.address == kClient && found.secure;
    require(proxys || (found.address == kProxy && !found.secure), "the proxy's line counts, or nothing does", written);
}

/// Whatever the client says of itself, the answer is an address.
void alone(std::string_view written) {
    for (auto const header : {ForwardingHeader::x_forwarded_for, ForwardingHeader::forwarded}) {
        auto const forwarding = behind_a_proxy(header);
        Header const lines[] = {{"X-Forwarded-For", std::string(written)}, {"Forwarded", std::string(written)}};
        auto const client = forwarding.find_client(kProxy, lines);
        require(IpAddress::parse(client.address).has_value(), "a client has an address", client.address);
    }
}

}  // namespace
}  // namespace nexpo::fuzz

NEXPO_FUZZ_TARGET(http_forwarding) {
    using namespace nexpo::fuzz;
    addresses(input);
    same_line(input);
    own_line(input);
    alone(input);
}

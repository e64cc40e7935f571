// SPDX-License-Identifier: Apache-2.0
#include "net/address_guard.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"

namespace nexpo::net {
namespace {

IpNetwork network(char const* text) {
    return IpNetwork::parse(text).value();
}

/// https://www.iana.org/assignments/iana-ipv4-special-registry (RFC 6890), multicast (RFC 5771) and one more.
std::array<IpNetwork, 16> const& special_v4() {
    static std::array const kNetworks{
        network("0.0.0.0/8"),         // this network; 0.0.0.0 connects to this host (RFC 791)
        network("10.0.0.0/8"),        // private (RFC 1918)
        network("100.64.0.0/10"),     // shared by carriers (RFC 6598); Alibaba's metadata 100.100.100.200
        network("127.0.0.0/8"),       // loopback (RFC 1122)
        network("168.63.129.16/32"),  // Azure's platform address, reachable from every virtual machine only
        network("169.254.0.0/16"),    // link-local (RFC 3927); metadata of AWS, Azure, Google and others
        network("172.16.0.0/12"),     // private (RFC 1918)
        network("192.0.0.0/24"),      // protocol assignments (RFC 6890); Oracle's metadata 192.0.0.192
        network("192.0.2.0/24"),      // documentation (RFC 5737)
        network("192.88.99.0/24"),    // 6to4 relays (RFC 7526)
        network("192.168.0.0/16"),    // private (RFC 1918)
        network("198.18.0.0/15"),     // benchmarking (RFC 2544)
        network("198.51.100.0/24"),   // documentation (RFC 5737)
        network("203.0.113.0/24"),    // documentation (RFC 5737)
        network("224.0.0.0/4"),       // multicast (RFC 5771)
        network("240.0.0.0/4"),       // reserved, and the broadcast address (RFC 1112, RFC 8190)
    };
    return kNetworks;
}

/// https://www.iana.org/assignments/iana-ipv6-special-registry: what is not global within 2000::/3, the only part of
/// the address space that is given out as global unicast (RFC 4291 section 2.4). Loopback, unique local, link-local,
/// multicast, IPv4-mapped and IPv4-compatible addresses lie outside of it.
std::array<IpNetwork, 4> const& special_v6() {
    static std::array const kNetworks{
        network("2001::/23"),      // protocol assignments: Teredo, benchmarking, ORCHID (RFC 2928)
        network("2001:db8::/32"),  // documentation (RFC 3849)
        network("2002::/16"),      // 6to4 embeds an IPv4 address (RFC 3056)
        network("3fff::/20"),      // documentation (RFC 9637)
    };
    return kNetworks;
}

}  // namespace

bool is_public(IpAddress const& address) noexcept {
    auto const within = [&address](IpNetwork const& special) { return special.contains(address); };
    if (address.is_v4()) return std::ranges::none_of(special_v4(), within);
    // Behind NAT64 every IPv4 peer looks so (RFC 6052), therefore what is embedded decides.
    static IpNetwork const kNat64 = network("64:ff9b::/96");
    if (kNat64.contains(address)) return is_public(address.embedded_v4());
    static IpNetwork const kGlobalUnicast = network("2000::/3");
    return kGlobalUnicast.contains(address) && std::ranges::none_of(special_v6(), within);
}

Result<AddressGuard> AddressGuard::create(std::vector<std::string> const& networks,
                                          std::vector<std::string> const& hosts) {
    AddressGuard guard;
    for (auto const& text : networks) {
        auto const parsed = IpNetwork::parse(text);
        if (!parsed) {
            return Error{.code = Errc::invalid_argument,
                         .reason = "network_invalid",
                         .message = "An allowed network is not in CIDR notation: " + text};
        }
        guard.networks_.push_back(*parsed);
    }
    for (auto const& host : hosts) guard.hosts_.push_back(base::to_lower(host));
    return guard;
}

bool AddressGuard::allows(std::string_view host, IpAddress const& address) const noexcept {
    return is_public(address) || std::ranges::find(hosts_, host) != hosts_.end() ||
           std::ranges::any_of(networks_, [&address](IpNetwork const& each) { return each.contains(address); });
}

}  // namespace nexpo::net

// SPDX-License-Identifier: Apache-2.0
#include "grpc/peer_address.hpp"

namespace nexpo::grpc_host {

std::string peer_address(std::string_view peer) {
    constexpr std::string_view kV4 = "ipv4:";
    constexpr std::string_view kV6 = "ipv6:";
    constexpr std::string_view kOpen = "%5B";
    constexpr std::string_view kClose = "%5D";
    constexpr std::string_view kMapped = "::ffff:";
    if (peer.starts_with(kV4)) {
        peer.remove_prefix(kV4.size());
        return std::string(peer.substr(0, peer.rfind(':')));
    }
    if (!peer.starts_with(kV6)) return {};
    peer.remove_prefix(kV6.size());
    if (peer.starts_with(kOpen))
        peer.remove_prefix(kOpen.size());
    else if (peer.starts_with('['))
        peer.remove_prefix(1);
    auto const end = peer.find(kClose);
    auto address = peer.substr(0, end != peer.npos ? end : peer.rfind(']'));
    if (auto const zone = address.find("%25"); zone != address.npos) address = address.substr(0, zone);
    if (address.starts_with(kMapped) && address.find('.') != address.npos) address.remove_prefix(kMapped.size());
    return std::string(address);
}

}  // namespace nexpo::grpc_host

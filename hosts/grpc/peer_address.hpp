// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nexpo::grpc_host {

/// The IP address in what gRPC says of a peer: `ipv4:192.0.2.1:5000`, `ipv6:%5B2001:db8::1%5D:5000`. IPv4 mapped into
/// IPv6 is IPv4. Empty for peers of other kinds.
std::string peer_address(std::string_view peer);

}  // namespace nexpo::grpc_host

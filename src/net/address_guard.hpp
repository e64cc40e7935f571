// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/ip_address.hpp"
#include "nexpo/result.hpp"

namespace nexpo::net {

/// Decides which addresses a URL from outside may lead to: those of the public Internet, and what the operator allows.
/// Immutable; safe to share between threads.
class AddressGuard {
 public:
    /// `networks` in CIDR notation and `hosts` by their exact name are allowed whatever their addresses.
    /// Errors: invalid_argument.
    static Result<AddressGuard> create(std::vector<std::string> const& networks, std::vector<std::string> const& hosts);

    /// True when a connection to this address of this host (lower case) may be made.
    bool allows(std::string_view host, IpAddress const& address) const noexcept;

 private:
    AddressGuard() = default;

    std::vector<IpNetwork> networks_;
    std::vector<std::string> hosts_;
};

/// True for globally reachable unicast addresses by the IANA special-purpose address registries (RFC 6890) and without
/// those that embed an IPv4 address.
bool is_public(IpAddress const& address) noexcept;

}  // namespace nexpo::net

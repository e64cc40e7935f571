// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "http/http_settings.hpp"
#include "http/network.hpp"
#include "nexpo/gateway.hpp"

namespace nexpo::http_host {

/// Who sent a request, as far as it can be believed.
struct Client {
    std::string address{};
    bool secure = false;  ///< Came to the first trusted proxy over TLS.
};

/// Finds the client behind proxies. Everybody can write forwarding headers; what counts is only what trusted proxies
/// have added at their end. Thread-safe.
class Forwarding {
 public:
    /// The settings have been checked: what is no network is left out.
    explicit Forwarding(HttpConfig const& config);

    /// Whether this address, a socket's peer, is a trusted proxy.
    bool trusts(std::string const& address) const;
    /// Who sent the request that a trusted proxy with this address has passed on: the last address of the header that
    /// is not trusted itself. The proxy itself, when the header is missing or malformed there.
    Client find_client(std::string const& proxy, std::span<Header const> headers) const;

 private:
    bool trusts(IpAddress const& address) const;

    std::vector<Network> proxies_;
    ForwardingHeader header_;
};

}  // namespace nexpo::http_host

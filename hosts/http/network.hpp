// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nexpo::http_host {

/// An IP address. IPv4 and its form mapped into IPv6 (RFC 4291 section 2.5.5.2) are the same address.
class IpAddress {
 public:
    /// `192.0.2.1` or `2001:db8::1`; without port, brackets or zone.
    static std::optional<IpAddress> parse(std::string_view text);

    /// In the shortest form, IPv4 in dots.
    std::string text() const;
    friend bool operator==(IpAddress const&, IpAddress const&) = default;

 private:
    friend class Network;

    std::array<std::uint8_t, 16> bytes_{};  ///< Of IPv6, mapped if need be.
};

/// The addresses with a common prefix.
class Network {
 public:
    /// `10.0.0.0/8`, or an address for itself alone. Nothing when a bit behind the prefix is set.
    static std::optional<Network> parse(std::string_view text);

    bool contains(IpAddress const& address) const;

 private:
    IpAddress first_;
    unsigned prefix_ = 128;  ///< Bits of the mapped form.
};

}  // namespace nexpo::http_host

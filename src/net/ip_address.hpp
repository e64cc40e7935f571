// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace nexpo::net {

/// An IPv4 or IPv6 address without port or zone.
class IpAddress {
 public:
    /// Reads dotted decimal IPv4 or IPv6 without brackets (inet_pton's forms); nothing for anything else.
    static std::optional<IpAddress> parse(std::string_view text);
    /// The address in a socket address; nothing for other families.
    static std::optional<IpAddress> of(sockaddr const& address);

    bool is_v4() const noexcept { return v4_; }
    /// Network byte order; the first four for IPv4.
    std::array<std::uint8_t, 16> const& bytes() const noexcept { return bytes_; }
    /// The IPv4 address in the last four bytes of an IPv6 address.
    IpAddress embedded_v4() const noexcept;

    std::string to_string() const;

    bool operator==(IpAddress const&) const = default;

 private:
    bool v4_ = true;
    std::array<std::uint8_t, 16> bytes_{};
};

/// All addresses with the same leading bits, such as `10.0.0.0/8`.
class IpNetwork {
 public:
    /// Reads CIDR notation (RFC 4632 section 3.1), or an address, which is a network of one. Bits behind the prefix
    /// must be zero: they would say that something else was meant.
    static std::optional<IpNetwork> parse(std::string_view text);

    bool contains(IpAddress const& address) const noexcept;

 private:
    IpAddress address_;
    int prefix_ = 0;
};

}  // namespace nexpo::net

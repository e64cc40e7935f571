// SPDX-License-Identifier: Apache-2.0
#include "net/ip_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace nexpo::net {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    std::string const terminated(text);
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    IpAddress address;
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) return address;
    address.v4_ = false;
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
    return std::nullopt;
}

std::optional<IpAddress> IpAddress::of(sockaddr const& address) {
    IpAddress result;
    if (address.sa_family == AF_INET) {
        auto const& v4 = reinterpret_cast<sockaddr_in const&>(address);
        std::memcpy(result.bytes_.data(), &v4.sin_addr, sizeof v4.sin_addr);
        return result;
    }
    if (address.sa_family == AF_INET6) {
        auto const& v6 = reinterpret_cast<sockaddr_in6 const&>(address);
        result.v4_ = false;
        std::memcpy(result.bytes_.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
        return result;
    }
    return std::nullopt;
}

IpAddress IpAddress::embedded_v4() const noexcept {
    IpAddress result;
    std::copy(bytes_.end() - 4, bytes_.end(), result.bytes_.begin());
    return result;
}

std::string IpAddress::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
    return text.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
    auto const slash = text.find('/');
    auto const address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    IpNetwork network;
    network.address_ = *address;
    network.prefix_ = address->is_v4() ? 32 : 128;
    if (slash == std::string_view::npos) return network;

    auto const digits = text.substr(slash + 1);
    int prefix = -1;
    auto const [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (prefix < 0 || prefix > network.prefix_) return std::nullopt;
    network.prefix_ = prefix;
    for (int bit = prefix; bit < (address->is_v4() ? 32 : 128); ++bit) {
        auto const byte = address->bytes()[static_cast<std::size_t>(bit / 8)];
        if (((byte >> (7 - bit % 8)) & 1) != 0) return std::nullopt;
    }
    return network;
}

bool IpNetwork::contains(IpAddress const& address) const noexcept {
    if (address.is_v4() != address_.is_v4()) return false;
    auto const whole = static_cast<std::size_t>(prefix_ / 8);
    auto const& ours = address_.bytes();
    auto const& theirs = address.bytes();
    if (!std::equal(ours.begin(), ours.begin() + whole, theirs.begin())) return false;
    int const rest = prefix_ % 8;
    return rest == 0 || (ours[whole] >> (8 - rest)) == (theirs[whole] >> (8 - rest));
}

}  // namespace nexpo::net

// SPDX-License-Identifier: Apache-2.0
#include "http/network.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace nexpo::http_host {

namespace {

constexpr std::size_t kMappedBytes = 12;
constexpr unsigned kMappedBits = 96;
constexpr unsigned kBits = 128;
constexpr std::array<std::uint8_t, kMappedBytes> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(std::array<std::uint8_t, 16> const& bytes) {
    return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

std::uint8_t mask(unsigned bits) {
    return static_cast<std::uint8_t>(0xff << (8 - bits));
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (text.size() >= copy.size() || text.find('\0') != text.npos) return std::nullopt;
    std::copy(text.begin(), text.end(), copy.begin());
    IpAddress address;
    if (::inet_pton(AF_INET6, copy.data(), address.bytes_.data()) == 1) return address;
    std::copy(kMapped.begin(), kMapped.end(), address.bytes_.begin());
    if (::inet_pton(AF_INET, copy.data(), address.bytes_.data() + kMappedBytes) == 1) return address;
    return std::nullopt;
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    bool const is_v4 = is_mapped(bytes_);
    ::inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes_.data() + (is_v4 ? kMappedBytes : 0), text.data(), text.size());
    return text.data();
}

std::optional<Network> Network::parse(std::string_view text) {
    auto const slash = text.find('/');
    auto const address = IpAddress::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    Network network;
    network.first_ = *address;
    if (slash == text.npos) return network;

    auto const digits = text.substr(slash + 1);
    unsigned bits = 0;
    auto const [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (problem != std::errc{} || end != digits.data() + digits.size() || digits.size() > 3) return std::nullopt;
    bool const is_v4 = text.substr(0, slash).find(':') == text.npos;
    if (bits > (is_v4 ? kBits - kMappedBits : kBits)) return std::nullopt;
    network.prefix_ = bits + (is_v4 ? kMappedBits : 0);
    for (unsigned i = network.prefix_; i < kBits; ++i) {
        if (address->bytes_[i / 8] >> (7 - i % 8) & 1) return std::nullopt;
    }
    return network;
}

bool Network::contains(IpAddress const& address) const {
    auto const whole = prefix_ / 8;
    if (!std::equal(first_.bytes_.begin(), first_.bytes_.begin() + whole, address.bytes_.begin())) return false;
    auto const rest = prefix_ % 8;
    return rest == 0 || ((first_.bytes_[whole] ^ address.bytes_[whole]) & mask(rest)) == 0;
}

}  // namespace nexpo::http_host

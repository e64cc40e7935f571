// SPDX-License-Identifier: Apache-2.0
#include "operation/address.hpp"

#include <arpa/inet.h>

#include <array>
#include <span>

#include "base/hex.hpp"

namespace nexpo::operation {

std::string limit_key(std::string_view address) {
    std::string text(address.substr(0, address.find('%')));  // without the zone of a link-local address
    in6_addr parsed{};
    if (inet_pton(AF_INET6, text.c_str(), &parsed) != 1) return text;
    if (IN6_IS_ADDR_V4MAPPED(&parsed)) {
        std::array<char, INET_ADDRSTRLEN> dotted{};
        inet_ntop(AF_INET, &parsed.s6_addr[12], dotted.data(), dotted.size());
        return dotted.data();
    }
    return base::hex_encode(std::as_bytes(std::span(parsed.s6_addr)).first(8)) + "/64";
}

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace nexpo::net {

std::string const* find_header(HttpHeaders const& headers, std::string_view name) noexcept {
    auto const same = [name](HttpHeader const& header) {
        return std::ranges::equal(header.name, name,
                                  [](char a, char b) { return base::to_lower(a) == base::to_lower(b); });
    };
    auto const found = std::ranges::find_if(headers, same);
    return found == headers.end() ? nullptr : &found->value;
}

}  // namespace nexpo::net

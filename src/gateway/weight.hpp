// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "gateway/ascii.hpp"

namespace nexpo::gateway {

/// A weight in thousandths (RFC 9110 section 12.4.2). One that cannot be read counts as zero.
constexpr int parse_weight(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
    if (text.size() > 1 && text[1] != '.') return 0;
    int weight = (text[0] - '0') * 1000;
    int unit = 100;
    for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
        if (!is_digit(text[i])) return 0;
        weight += (text[i] - '0') * unit;
    }
    return weight > 1000 ? 1000 : weight;
}

}  // namespace nexpo::gateway

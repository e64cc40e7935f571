// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/utf8.hpp"

namespace nexpo::work {

/// The first `most` bytes of what a handler says, in a form that every database takes: PostgreSQL refuses text that is
/// not UTF-8 or holds NUL.
inline std::string short_text(std::string_view text, std::size_t most) {
    auto kept = base::replace_invalid_utf8(text.substr(0, most));
    std::ranges::replace(kept, '\0', ' ');
    return kept;
}

/// Whether a text in this JSON holds U+0000, which PostgreSQL refuses and our own reader as well.
inline bool holds_nul(std::string_view json) {
    for (auto at = json.find('\\'); at != json.npos; at = json.find('\\', at + 2)) {
        if (json.substr(at, 6) == "\\u0000") return true;
    }
    return false;
}

}  // namespace nexpo::work

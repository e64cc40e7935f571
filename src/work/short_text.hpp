// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
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

/// The deepest nesting of a job's input and result: everybody who reads them takes so much and some levels around it.
inline constexpr std::size_t kMaxNesting = 256;

/// Whether a JSON text nests deeper than that.
inline bool nests_too_deep(std::string_view json) {
    if (json.size() <= kMaxNesting) return false;
    std::size_t depth = 0;
    for (auto at = json.find_first_of("[{]}\""); at != json.npos; at = json.find_first_of("[{]}\"", at + 1)) {
        if (json[at] == ']' || json[at] == '}') {
            --depth;
        } else if (json[at] != '"') {
            if (++depth > kMaxNesting) return true;
        } else {
            do {
                at = json.find_first_of("\"\\", at + 1);
                if (at == json.npos) return false;
            } while (json[at] == '\\' && ++at < json.size());
            if (at >= json.size()) return false;
        }
    }
    return false;
}

}  // namespace nexpo::work

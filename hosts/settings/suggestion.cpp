// SPDX-License-Identifier: Apache-2.0
#include "settings/suggestion.hpp"

#include <algorithm>
#include <vector>

namespace nexpo::hosts {

namespace {

std::string plain(std::string_view word) {
    std::string out;
    for (char const letter : word) {
        bool const upper = letter >= 'A' && letter <= 'Z';
        if (letter != '-' && letter != '_') out += upper ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return out;
}

/// Edits that turn one word into the other: insert, remove, replace, swap neighbours.
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before(right.size() + 1);
    std::vector<std::size_t> above(right.size() + 1);
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (left[i - 1] == right[j - 1] ? 0U : 1U)});
            bool const swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[right.size()];
}

}  // namespace

std::string suggest(std::string_view word, std::span<std::string const> candidates) {
    auto const wanted = plain(word.substr(0, 100));
    std::size_t best = std::max<std::size_t>(1, wanted.size() / 4) + 1;
    std::string found;
    for (auto const& candidate : candidates) {
        auto near = distance(wanted, plain(candidate));
        if (auto const dot = candidate.rfind('.'); dot != std::string::npos) {
            near = std::min(near, distance(wanted, plain(std::string_view(candidate).substr(dot + 1))));
        }
        if (near < best) {
            best = near;
            found = candidate;
        }
    }
    return found;
}

}  // namespace nexpo::hosts

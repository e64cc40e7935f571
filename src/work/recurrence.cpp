// SPDX-License-Identifier: Apache-2.0
#include "work/recurrence.hpp"

#include <algorithm>

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

using Found = std::optional<chrono::local_seconds>;

}  // namespace

Found Recurrence::next_counted(chrono::local_seconds anchor, chrono::local_seconds after,
                               chrono::local_seconds last) const {
    return pattern_.next(anchor, after, until_ ? std::min(last, *until_) : last);
}

Found Recurrence::next_from(chrono::local_seconds anchor, chrono::local_seconds after,
                            chrono::local_seconds last) const {
    while (true) {
        auto const found = next_counted(anchor, after, last);
        if (!found || !std::ranges::binary_search(excluded_, *found)) return found;
        after = *found;
    }
}

Found Recurrence::next(chrono::local_seconds after, chrono::local_seconds last) const {
    return next_from(begin_, after, counted_ ? std::min(last, *counted_) : last);
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "nexpo/time.hpp"

namespace nexpo::work {

/// `2026-03-01 09:00:00`, or without seconds, as a local time.
inline std::chrono::local_seconds local(std::string text) {
    if (text.size() == 16) text += ":00";
    text[10] = 'T';
    auto const time = parse_timestamp(text + "Z").value();
    return std::chrono::local_seconds(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch());
}

inline std::string text(std::chrono::local_seconds time) {
    auto out = to_string(Timestamp(time.time_since_epoch()));
    out[10] = ' ';
    out.pop_back();
    return out.ends_with(":00") ? out.substr(0, 16) : out;
}

/// The next times, joined by commas.
template <class Rule>
std::string next_times(Rule const& rule, std::string_view after, int count) {
    std::string out;
    auto at = local(std::string(after));
    for (; count > 0; --count) {
        auto const found = rule.next(at);
        out += out.empty() ? "" : ", ";
        if (!found) return out + "none";
        out += text(*found);
        at = *found;
    }
    return out;
}

}  // namespace nexpo::work

// SPDX-License-Identifier: Apache-2.0
// Answers, for each line `zone <tab> start <tab> after <tab> count <tab> rule` (times in seconds since 1970), a line
// with the next times, or `!` and the reason of the refusal. Where the rule is `stretches`, with the times from `start`
// to `after` at which the zone's clocks change, each with the new distance from UTC after a colon.
#include <charconv>
#include <iostream>
#include <string>

#include "work/schedule_rule.hpp"

namespace {

std::string take(std::string& line) {
    auto const end = line.find('\t');
    auto piece = line.substr(0, end);
    line.erase(0, end == line.npos ? end : end + 1);
    return piece;
}

std::int64_t number(std::string const& text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

nexpo::Timestamp time(std::string const& text) {
    return nexpo::Timestamp(std::chrono::seconds(number(text)));
}

std::string stretches(std::string const& name, nexpo::Timestamp from, nexpo::Timestamp to) {
    auto const zone = nexpo::work::TimeZone::find(name);
    if (!zone) return "!" + zone.error().reason;
    std::string out;
    for (auto at = std::chrono::floor<std::chrono::seconds>(from); at < to;) {
        auto const stretch = (*zone)->stretch(at);
        out += out.empty() ? "" : ",";
        out += std::to_string(at.time_since_epoch().count()) + ":" + std::to_string(stretch.offset.count());
        at = stretch.finish;
    }
    return out;
}

std::string answer(std::string line) {
    auto const zone = take(line);
    auto const start = time(take(line));
    auto const after = time(take(line));
    auto const count = number(take(line));
    if (line == "stretches") return stretches(zone, start, after);
    auto const schedule = nexpo::work::ScheduleRule::parse(line, zone, start);
    if (!schedule) return "!" + schedule.error().reason + " " + schedule.error().violations.front().rule;
    std::string out;
    for (auto const found : schedule->preview(after, static_cast<std::size_t>(count))) {
        out += out.empty() ? "" : ",";
        out += std::to_string(std::chrono::floor<std::chrono::seconds>(found).time_since_epoch().count());
    }
    return out;
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) std::cout << answer(line) << '\n';
}

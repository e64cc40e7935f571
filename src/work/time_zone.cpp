// SPDX-License-Identifier: Apache-2.0
#include "work/time_zone.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <string>

#include "work/schedule_error.hpp"

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

constexpr std::string_view kDirectory = "/usr/share/zoneinfo/";
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxFile = std::size_t{256} * 1024;

/// The form of the database's names (its theory.html, "Names of timezones"), which no path out of the directory has.
bool is_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxName) return false;
    char before = '/';
    for (char const c : name) {
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool const other = (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+' || c == '/';
        if (before == '/' ? !letter : !letter && !other) return false;
        before = c;
    }
    // Copies that Debian keeps beside the zones; the last one follows the setting of this machine.
    return before != '/' && !name.starts_with("posix/") && !name.starts_with("right/") && name != "posixrules" &&
           name != "localtime";
}

std::optional<TimeZone> load(std::string_view name) {
    std::ifstream file(std::string(kDirectory).append(name), std::ios::binary);
    std::string bytes(kMaxFile, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    auto zone = TimeZone::read(bytes);
    if (!zone && name == "UTC") return TimeZone();
    return zone;
}

}  // namespace

Result<std::shared_ptr<TimeZone const>> TimeZone::find(std::string_view name) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<TimeZone const>, std::less<>> known;
    if (!is_name(name)) return zone_error();
    std::scoped_lock const lock(mutex);
    if (auto const found = known.find(name); found != known.end()) return found->second;
    auto zone = load(name);
    if (!zone) return zone_error();
    return known.emplace(name, std::make_shared<TimeZone const>(*std::move(zone))).first->second;
}

TimeZone::Stretch TimeZone::stretch(chrono::sys_seconds time) const {
    time = std::clamp(time, kBegin, kFinish - chrono::seconds(1));
    if (!changes_.empty() && time < changes_.back().at) return listed_stretch(time);
    if (later_.summer) return yearly_stretch(time, *later_.summer);
    return {changes_.empty() ? kBegin : changes_.back().at, kFinish, later_.offset};
}

TimeZone::Stretch TimeZone::listed_stretch(chrono::sys_seconds time) const {
    auto const next = std::ranges::upper_bound(changes_, time, {}, &Change::at);
    if (next == changes_.begin()) return {kBegin, next->at, first_offset_};
    auto const last = std::prev(next);
    return {last->at, next->at, last->offset};
}

TimeZone::Stretch TimeZone::yearly_stretch(chrono::sys_seconds time, YearlyRule::Summer const& summer) const {
    auto const year = chrono::year_month_day(chrono::floor<chrono::days>(time)).year();
    // Changes may lie in the neighbouring year, those of the next one all before its first day.
    std::array<Change, 8> changes;
    std::size_t count = 0;
    for (auto y = year - chrono::years(1); y <= year + chrono::years(2); ++y) {
        changes.at(count++) = {chrono::sys_seconds(summer.begin.in(y).time_since_epoch() - later_.offset),
                               summer.offset};
        changes.at(count++) = {chrono::sys_seconds(summer.finish.in(y).time_since_epoch() - summer.offset),
                               later_.offset};
    }
    std::ranges::stable_sort(changes, {}, &Change::at);
    auto const next = std::ranges::upper_bound(changes, time, {}, &Change::at);
    auto const begin_of_rule = changes_.empty() ? kBegin : changes_.back().at;
    Stretch found{begin_of_rule, next == changes.end() ? kFinish : next->at, later_.offset};
    if (next != changes.begin()) {
        found.offset = std::prev(next)->offset;
        found.begin = std::max(begin_of_rule, std::prev(next)->at);
    }
    found.finish = std::min(found.finish, kFinish);
    return found;
}

chrono::local_seconds TimeZone::to_local(chrono::sys_seconds time) const {
    return chrono::local_seconds(time.time_since_epoch() + stretch(time).offset);
}

}  // namespace nexpo::work

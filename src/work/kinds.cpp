// SPDX-License-Identifier: Apache-2.0
#include "work/kinds.hpp"

#include <algorithm>
#include <set>

#include "describe/codec.hpp"
#include "work/schedule_rule.hpp"

namespace nexpo::inline v1 {

JobTable::JobTable() = default;
JobTable::JobTable(JobTable const&) = default;
JobTable::JobTable(JobTable&&) noexcept = default;
JobTable& JobTable::operator=(JobTable const&) = default;
JobTable& JobTable::operator=(JobTable&&) noexcept = default;
JobTable::~JobTable() = default;

JobTable& JobTable::add_untyped(AnyJob job) {
    contents_.jobs.push_back(std::move(job));
    return *this;
}

JobTable& JobTable::on_untyped(std::string event, AnyJob job) {
    subscribe(std::move(event), job.kind.name);
    return add_untyped(std::move(job));
}

JobTable& JobTable::schedule_untyped(std::string name, std::string kind, ScheduleOptions options,
                                     StructType const& type, void const* input) {
    contents_.schedules.push_back({.name = std::move(name),
                                   .kind = std::move(kind),
                                   .options = std::move(options),
                                   .input = &type,
                                   .payload = to_json(type, input)});
    return *this;
}

void JobTable::subscribe(std::string event, std::string kind) {
    contents_.subscriptions.emplace_back(std::move(event), std::move(kind));
}

}  // namespace nexpo::inline v1

namespace nexpo::work {

namespace {

using std::chrono::hours;

constexpr hours kLongestKeep{24 * 3'650};
constexpr std::chrono::seconds kLongestAttempt = std::chrono::hours(24);
constexpr std::chrono::seconds kLongestBackoff = std::chrono::hours(24 * 30);
constexpr std::size_t kMaxDelays = 100;

bool is_word(std::string_view text) {
    return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == text.npos;
}

bool is_name(std::string_view text) {
    auto const dot = text.find('.');
    return text.size() <= 100 && dot != text.npos && is_word(text.substr(0, dot)) && is_word(text.substr(dot + 1));
}

template <class T>
bool is_between(T const& value, T const& least, T const& most) {
    return least <= value && value <= most;
}

Result<void> check(AnyJob const& job) {
    auto const& kind = job.kind;
    auto const refuse = [&](char const* why) -> Result<void> {
        return Error{Errc::invalid_argument, "job_kind_invalid", "kind of job " + kind.name + ": " + why};
    };
    if (!is_name(kind.name)) return refuse("a name is <noun>.<verb> in snake_case, of at most 100 characters");
    if (!job.handler && !job.begin) return refuse("has no handler");
    if (job.input == nullptr || job.output == nullptr) return refuse("lacks a type");
    if (!is_between<std::int64_t>(kind.max_attempts, 1, 100)) return refuse("max_attempts is 1 to 100");
    if (!is_between(kind.backoff, std::chrono::milliseconds(1), std::chrono::milliseconds(kLongestBackoff))) {
        return refuse("backoff is 1 ms to 30 days");
    }
    if (!is_between(kind.backoff_limit, std::chrono::seconds(1), kLongestBackoff)) {
        return refuse("backoff_limit is 1 second to 30 days");
    }
    bool const are_delays = std::ranges::all_of(
        kind.delays, [](auto const delay) { return is_between(delay, std::chrono::seconds(1), kLongestBackoff); });
    if (kind.delays.size() > kMaxDelays || !are_delays) return refuse("delays are at most 100, of 1 second to 30 days");
    if (!is_between(kind.time_limit, std::chrono::seconds(1), kLongestAttempt)) {
        return refuse("time_limit is 1 second to a day");
    }
    if (!is_between(kind.keep, hours(0), kLongestKeep) || !is_between(kind.keep_dead, hours(0), kLongestKeep)) {
        return refuse("keep and keep_dead are 0 to 3,650 days");
    }
    return {};
}

Result<void> check(std::vector<AnySchedule> const& schedules, Kinds const& kinds) {
    std::set<std::string_view> names;
    for (auto const& schedule : schedules) {
        auto const refuse = [&](std::string const& why) -> Result<void> {
            return Error{Errc::invalid_argument, "job_schedule_invalid", "schedule " + schedule.name + ": " + why};
        };
        if (schedule.name.empty() || schedule.name.size() > 100) return refuse("a name has 1 to 100 characters");
        if (!names.insert(schedule.name).second) return refuse("declared twice");
        auto const* kind = kinds.find(schedule.kind);
        if (kind == nullptr) return refuse("there is no kind of job " + schedule.kind);
        if (!describe::same_struct(*kind->input, *schedule.input)) {
            return refuse(schedule.kind + " takes " + kind->input->name());
        }
        auto const rule = ScheduleRule::parse(schedule.options.rule, schedule.options.time_zone, Timestamp());
        if (!rule) return refuse(rule.error().message);
    }
    return {};
}

}  // namespace

Result<Kinds> Kinds::make(JobTable::Contents contents) {
    Kinds kinds;
    for (auto& job : contents.jobs) {
        if (auto sound = check(job); !sound) return std::move(sound).error();
        auto name = job.kind.name;
        kinds.longest_attempt_ = std::max(kinds.longest_attempt_, job.kind.time_limit);
        if (!job.begin) kinds.holding_names_.push_back(name);
        if (!kinds.jobs_.emplace(name, std::move(job)).second) {
            return Error{Errc::invalid_argument, "job_kind_invalid", "kind of job " + name + ": declared twice"};
        }
        kinds.names_.push_back(std::move(name));
    }
    if (auto sound = check(contents.schedules, kinds); !sound) return std::move(sound).error();
    kinds.schedules_ = std::move(contents.schedules);
    for (auto& [event, kind] : contents.subscriptions) kinds.subscribers_[event].push_back(std::move(kind));
    return kinds;
}

AnyJob const* Kinds::find(std::string_view name) const noexcept {
    auto const found = jobs_.find(name);
    return found == jobs_.end() ? nullptr : &found->second;
}

std::vector<std::string> const* Kinds::subscribers(std::string_view event) const noexcept {
    auto const found = subscribers_.find(event);
    return found == subscribers_.end() ? nullptr : &found->second;
}

}  // namespace nexpo::work

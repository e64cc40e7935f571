// SPDX-License-Identifier: Apache-2.0
#include "work/schedule_rule.hpp"

#include <algorithm>
#include <utility>

namespace nexpo::work {

namespace {

namespace chrono = std::chrono;

constexpr chrono::seconds kSecond(1);

chrono::local_seconds local(chrono::sys_seconds time, chrono::seconds offset) {
    return chrono::local_seconds(time.time_since_epoch() + offset);
}

chrono::sys_seconds instant(chrono::local_seconds time, chrono::seconds offset) {
    return chrono::sys_seconds(time.time_since_epoch() - offset);
}

}  // namespace

ScheduleRule::ScheduleRule(std::variant<CronRule, Recurrence> rule, std::shared_ptr<TimeZone const> zone,
                           chrono::sys_seconds start)
    : rule_(std::move(rule)),
      zone_(std::move(zone)),
      start_(start),
      end_(chrono::floor<chrono::seconds>(max_timestamp())) {
    if (auto const* const cron = std::get_if<CronRule>(&rule_)) {
        counts_time_ = cron->every_hour();
    } else {
        counts_time_ = std::get<Recurrence>(rule_).counts_time();
    }
}

Result<ScheduleRule> ScheduleRule::parse(std::string_view rule, std::string_view zone, Timestamp start) {
    if (start < min_timestamp() || start > max_timestamp()) return start_error();
    auto known = TimeZone::find(zone);
    if (!known) return known.error();
    auto const begin = chrono::floor<chrono::seconds>(start);
    if (!Recurrence::looks_like(rule)) {
        auto cron = CronRule::parse(rule);
        if (!cron) return cron.error();
        return ScheduleRule(*std::move(cron), *std::move(known), begin);
    }
    auto recurrence = Recurrence::parse(rule, (*known)->to_local(begin));
    if (!recurrence) return recurrence.error();
    ScheduleRule schedule(*std::move(recurrence), *std::move(known), begin);
    schedule.find_end();
    return schedule;
}

void ScheduleRule::find_end() {
    auto const& recurrence = std::get<Recurrence>(rule_);
    if (auto const until = recurrence.until_utc()) end_ = std::min(end_, *until);
    if (!counts_time_ || !recurrence.count()) return;
    counting_ = true;
    auto at = start_ - kSecond;
    for (int left = *recurrence.count(); left > 0; --left) {
        auto const found = search(at);
        if (!found) break;
        at = *found;
    }
    counting_ = false;
    end_ = std::min(end_, at);
}

std::optional<chrono::local_seconds> ScheduleRule::next_local(chrono::seconds offset, chrono::local_seconds after,
                                                              chrono::local_seconds last) const {
    if (auto const* const cron = std::get_if<CronRule>(&rule_)) return cron->next(after, last);
    auto const& recurrence = std::get<Recurrence>(rule_);
    if (!counts_time_) return recurrence.next(after, last);
    // As if clocks had never been set otherwise: so the interval counts elapsed time.
    auto const anchor = local(start_, offset);
    return counting_ ? recurrence.next_counted(anchor, after, last) : recurrence.next_from(anchor, after, last);
}

/// The first time after `after`, of the local times that this stretch shows for the first time, and of those that were
/// skipped when it began.
ScheduleRule::Found ScheduleRule::next_within(TimeZone::Stretch const& stretch, chrono::sys_seconds after) const {
    auto const last = local(stretch.finish, stretch.offset) - kSecond;
    auto from = local(after, stretch.offset);
    if (counts_time_ || stretch.begin == TimeZone::kBegin) {
        auto const found = next_local(stretch.offset, from, last);
        return found ? Found(instant(*found, stretch.offset)) : std::nullopt;
    }
    auto const before = zone_->stretch(stretch.begin - kSecond).offset;
    auto const last_shown = local(stretch.begin, before) - kSecond;
    Found skipped;
    if (before < stretch.offset) {
        auto const resumed = local(stretch.begin, stretch.offset);
        auto const found = next_local(before, std::max(local(after, before), last_shown), resumed - kSecond);
        if (found && instant(*found, before) < stretch.finish) skipped = instant(*found, before);
    }
    auto const shown = next_local(stretch.offset, std::max(from, last_shown), last);
    if (!shown) return skipped;
    auto const found = instant(*shown, stretch.offset);
    return skipped ? std::min(*skipped, found) : found;
}

ScheduleRule::Found ScheduleRule::search(chrono::sys_seconds after) const {
    after = std::max(after, start_ - kSecond);
    while (after < end_) {
        auto const stretch = zone_->stretch(after + kSecond);
        if (auto const found = next_within(stretch, after)) return *found <= end_ ? found : std::nullopt;
        after = stretch.finish - kSecond;
    }
    return std::nullopt;
}

std::optional<Timestamp> ScheduleRule::next(Timestamp after) const {
    auto const found =
        search(chrono::floor<chrono::seconds>(std::clamp(after, min_timestamp() - kSecond, max_timestamp())));
    return found ? std::optional<Timestamp>(*found) : std::nullopt;
}

std::vector<Timestamp> ScheduleRule::preview(Timestamp after, std::size_t count) const {
    std::vector<Timestamp> times;
    count = std::min(count, kMaxPreview);
    while (times.size() < count) {
        auto const found = next(after);
        if (!found) break;
        times.push_back(*found);
        after = *found;
    }
    return times;
}

}  // namespace nexpo::work

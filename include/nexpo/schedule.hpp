// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Schedules: background jobs that are queued again and again.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/describe.hpp"
#include "nexpo/export.hpp"
#include "nexpo/fwd.hpp"
#include "nexpo/json.hpp"
#include "nexpo/page.hpp"
#include "nexpo/patch.hpp"
#include "nexpo/result.hpp"
#include "nexpo/time.hpp"

namespace nexpo::inline v1 {

/// What becomes of times at which no worker was there. A time is missed when it is found more than a minute late.
enum class MissedRuns : std::uint8_t {
    skip,  ///< Nothing: the schedule goes on with the next time.
    once,  ///< One job for all of them, of the latest.
    all,   ///< One job for each.
};

/// The policies' names in requests and answers.
constexpr std::array<std::string_view, 3> enum_names(MissedRuns) {
    return {"skip", "once", "all"};
}

/// When and how often a job is queued.
struct ScheduleOptions {
    /// A cron rule of five fields, or six with seconds in front (`0 3 * * MON-FRI`), or an RRULE of RFC 5545
    /// (`FREQ=MONTHLY;BYDAY=-1FR`).
    std::string rule{};
    std::string time_zone = "UTC";         ///< An IANA time zone, for example `Europe/Berlin`.
    MissedRuns missed = MissedRuns::once;  ///< What becomes of missed times.
    /// Without: as long as the job of an earlier time is not finished, no other one runs. With `MissedRuns::all` the
    /// others wait for it, else their times are left out.
    bool overlap = true;
};

/// A schedule as its owners see it.
struct Schedule {
    std::string id{};                      ///< `sch_…`
    std::string name{};                    ///< Unique in the organization.
    std::string kind{};                    ///< Of the jobs.
    Json payload{};                        ///< What their handler gets.
    std::string rule{};                    ///< See `ScheduleOptions`.
    std::string time_zone{};               ///< See `ScheduleOptions`.
    Timestamp start_at{};                  ///< Nothing is due before; the DTSTART of an RRULE.
    MissedRuns missed = MissedRuns::once;  ///< See `ScheduleOptions`.
    bool overlap = true;                   ///< See `ScheduleOptions`.
    bool paused = false;                   ///< Nothing is queued, and what is due meanwhile is not missed.
    std::optional<Timestamp> next_at{};    ///< Absent: paused, or there is no next time.
    std::optional<Timestamp> last_at{};    ///< The time for which the last job was queued.
    std::optional<std::string> cause{};    ///< Why it stopped by itself: a stable word.
    Timestamp created_at{};                ///< When it was made.
    Timestamp updated_at{};                ///< When it was changed last.
};

/// Input of `schedules.create`.
struct CreateSchedule {
    std::string name{};                    ///< One line of at most 100 characters, unique in the organization.
    std::string kind{};                    ///< A kind with `JobKind::schedulable`; the system may name any.
    Json payload{};                        ///< What its handler takes.
    std::string rule{};                    ///< See `ScheduleOptions`.
    std::string time_zone = "UTC";         ///< See `ScheduleOptions`.
    std::optional<Timestamp> start_at{};   ///< Absent: now.
    MissedRuns missed = MissedRuns::once;  ///< See `ScheduleOptions`.
    bool overlap = true;                   ///< See `ScheduleOptions`.
    bool paused = false;                   ///< It waits to be set going by an update.
};

/// Input of `schedules.get`.
struct GetSchedule {
    std::string id{};  ///< `sch_…`
};

/// Input of `schedules.list`.
struct ListSchedules {
    int limit = kDefaultPageLimit;        ///< 1 to 200.
    std::optional<std::string> cursor{};  ///< `next` of the page before.
};

/// Input of `schedules.update`, a merge patch: absent fields stay as they are.
struct UpdateSchedule {
    std::string id{};                ///< `sch_…`
    Patch<std::string> name{};       ///< One line of at most 100 characters, unique in the organization.
    Patch<Json> payload{};           ///< What the handler takes.
    Patch<std::string> rule{};       ///< See `ScheduleOptions`.
    Patch<std::string> time_zone{};  ///< See `ScheduleOptions`.
    Patch<Timestamp> start_at{};     ///< Nothing is due before.
    Patch<MissedRuns> missed{};      ///< See `ScheduleOptions`.
    Patch<bool> overlap{};           ///< See `ScheduleOptions`.
    Patch<bool> paused{};            ///< True: nothing is queued.
};

/// Input of `schedules.remove`.
struct RemoveSchedule {
    std::string id{};  ///< `sch_…`
};

/// Input of `schedules.run`.
struct RunSchedule {
    std::string id{};  ///< `sch_…`
};

/// Output of `schedules.run`.
struct RanSchedule {
    std::string job_id{};  ///< `job_…`
};

/// Input of `schedules.preview`.
struct PreviewSchedule {
    std::string rule{};                   ///< See `ScheduleOptions`.
    std::string time_zone = "UTC";        ///< See `ScheduleOptions`.
    std::optional<Timestamp> start_at{};  ///< Absent: now.
    std::optional<Timestamp> after{};     ///< Only later times; absent: from the start on.
    int count = 10;                       ///< 1 to 100.
};

/// Output of `schedules.preview`.
struct SchedulePreview {
    std::vector<Timestamp> times{};  ///< The next times; fewer than asked for where the rule has an end.
};

NEXPO_API StructType describe(Type<Schedule>);         ///< Description.
NEXPO_API StructType describe(Type<CreateSchedule>);   ///< Description.
NEXPO_API StructType describe(Type<GetSchedule>);      ///< Description.
NEXPO_API StructType describe(Type<ListSchedules>);    ///< Description.
NEXPO_API StructType describe(Type<UpdateSchedule>);   ///< Description.
NEXPO_API StructType describe(Type<RemoveSchedule>);   ///< Description.
NEXPO_API StructType describe(Type<RunSchedule>);      ///< Description.
NEXPO_API StructType describe(Type<RanSchedule>);      ///< Description.
NEXPO_API StructType describe(Type<PreviewSchedule>);  ///< Description.
NEXPO_API StructType describe(Type<SchedulePreview>);  ///< Description.

/// The schedules of the caller's organization. Each time of a schedule queues one job, whichever process is there
/// first. Cheap to copy and safe to share between threads. Every method also fails with: unauthenticated,
/// permission_denied (without `jobs:manage`), invalid_argument (`validation_failed`), resource_exhausted,
/// deadline_exceeded, cancelled, unavailable.
class NEXPO_API Schedules {
 public:
    /// Makes a schedule. Errors: invalid_argument (`schedule_rule_invalid`, `schedule_never_due`,
    /// `schedule_start_invalid`, `time_zone_unknown`, and `validation_failed` also for a kind that cannot be scheduled
    /// or a payload that it does not take), already_exists (`schedule_name_taken`), failed_precondition
    /// (`too_many_schedules`: an organization has at most 1,000).
    Result<Schedule> create(CreateSchedule const& input) const;
    /// One schedule. Errors: not_found (`schedule_not_found`).
    Result<Schedule> get(GetSchedule const& input) const;
    /// Schedules in the order in which they were made. Errors: invalid_argument (`cursor_invalid`).
    Result<Page<Schedule>> list(ListSchedules const& input) const;
    /// Changes a schedule; times that are due under its new form count from now on. Errors: not_found
    /// (`schedule_not_found`), and those of `create`.
    Result<Schedule> update(UpdateSchedule const& input) const;
    /// Removes a schedule; jobs that it has queued stay. Errors: not_found (`schedule_not_found`).
    Result<void> remove(RemoveSchedule const& input) const;
    /// Queues a job of the schedule at once, besides its times. Errors: not_found (`schedule_not_found`).
    Result<RanSchedule> run(RunSchedule const& input) const;
    /// When a rule would be due. Errors: those of `create` about the rule.
    Result<SchedulePreview> preview(PreviewSchedule const& input) const;

    /// Made by `Api::schedules`.
    explicit Schedules(std::shared_ptr<ApiState const> state) noexcept;

 private:
    std::shared_ptr<ApiState const> state_;
};

}  // namespace nexpo::inline v1

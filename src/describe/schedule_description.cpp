// SPDX-License-Identifier: Apache-2.0
#include "nexpo/schedule.hpp"

namespace nexpo::inline v1 {

namespace {

constexpr int kMaxName = 100;
constexpr int kMaxRule = 1'000;
constexpr int kMaxZone = 100;
constexpr int kMaxId = 64;
constexpr char const* kRule = "Cron of five or six fields, or an RRULE of RFC 5545.";
constexpr char const* kZone = "IANA time zone.";
constexpr char const* kStart = "Nothing is due before; the DTSTART of an RRULE.";
constexpr char const* kMissed = "What becomes of times at which no worker was there.";
constexpr char const* kOverlap = "Jobs may run while one of an earlier time is not finished.";
constexpr char const* kPaused = "Nothing is queued.";
constexpr char const* kPayload = "What the jobs' handler gets.";

}  // namespace

StructType describe(Type<Schedule>) {
    return structure<Schedule>(
        "Schedule", field("id", &Schedule::id).id("sch"),
        field("name", &Schedule::name).doc("Unique in the organization."),
        field("kind", &Schedule::kind).doc("Of the jobs."), field("payload", &Schedule::payload).doc(kPayload),
        field("rule", &Schedule::rule).doc(kRule), field("time_zone", &Schedule::time_zone).doc(kZone),
        field("start_at", &Schedule::start_at).doc(kStart), field("missed", &Schedule::missed).doc(kMissed),
        field("overlap", &Schedule::overlap).doc(kOverlap), field("paused", &Schedule::paused).doc(kPaused),
        field("next_at", &Schedule::next_at).doc("Absent: paused, or there is no next time."),
        field("last_at", &Schedule::last_at).doc("The time for which the last job was queued."),
        field("cause", &Schedule::cause).doc("Why it stopped by itself: a stable word."),
        field("created_at", &Schedule::created_at).doc("When it was made."),
        field("updated_at", &Schedule::updated_at).doc("When it was changed last."));
}

StructType describe(Type<CreateSchedule>) {
    return structure<CreateSchedule>(
        "CreateSchedule",
        field("name", &CreateSchedule::name)
            .required()
            .min(1)
            .max(kMaxName)
            .format(Format::line)
            .doc("Unique in the organization."),
        field("kind", &CreateSchedule::kind).required().max(100).doc("Of the jobs; one that may be scheduled."),
        field("payload", &CreateSchedule::payload).doc(kPayload),
        field("rule", &CreateSchedule::rule).required().max(kMaxRule).doc(kRule),
        field("time_zone", &CreateSchedule::time_zone).max(kMaxZone).doc(kZone),
        field("start_at", &CreateSchedule::start_at).doc("Absent: now. The DTSTART of an RRULE."),
        field("missed", &CreateSchedule::missed).doc(kMissed), field("overlap", &CreateSchedule::overlap).doc(kOverlap),
        field("paused", &CreateSchedule::paused).doc(kPaused));
}

StructType describe(Type<GetSchedule>) {
    return structure<GetSchedule>("GetSchedule", field("id", &GetSchedule::id).required().max(kMaxId));
}

StructType describe(Type<ListSchedules>) {
    return structure<ListSchedules>(
        "ListSchedules", field("limit", &ListSchedules::limit).min(1).max(kMaxPageLimit),
        field("cursor", &ListSchedules::cursor).max(1024).doc("`next` of the page before."));
}

StructType describe(Type<UpdateSchedule>) {
    return structure<UpdateSchedule>("UpdateSchedule", field("id", &UpdateSchedule::id).required().max(kMaxId),
                                     field("name", &UpdateSchedule::name)
                                         .required()
                                         .min(1)
                                         .max(kMaxName)
                                         .format(Format::line)
                                         .doc("Unique in the organization."),
                                     field("payload", &UpdateSchedule::payload).required().doc(kPayload),
                                     field("rule", &UpdateSchedule::rule).required().max(kMaxRule).doc(kRule),
                                     field("time_zone", &UpdateSchedule::time_zone).required().max(kMaxZone).doc(kZone),
                                     field("start_at", &UpdateSchedule::start_at).required().doc(kStart),
                                     field("missed", &UpdateSchedule::missed).required().doc(kMissed),
                                     field("overlap", &UpdateSchedule::overlap).required().doc(kOverlap),
                                     field("paused", &UpdateSchedule::paused).required().doc(kPaused));
}

StructType describe(Type<RemoveSchedule>) {
    return structure<RemoveSchedule>("RemoveSchedule", field("id", &RemoveSchedule::id).required().max(kMaxId));
}

StructType describe(Type<RunSchedule>) {
    return structure<RunSchedule>("RunSchedule", field("id", &RunSchedule::id).required().max(kMaxId));
}

StructType describe(Type<RanSchedule>) {
    return structure<RanSchedule>("RanSchedule", field("job_id", &RanSchedule::job_id).id("job"));
}

StructType describe(Type<PreviewSchedule>) {
    return structure<PreviewSchedule>(
        "PreviewSchedule", field("rule", &PreviewSchedule::rule).required().max(kMaxRule).doc(kRule),
        field("time_zone", &PreviewSchedule::time_zone).max(kMaxZone).doc(kZone),
        field("start_at", &PreviewSchedule::start_at).doc("Absent: now. The DTSTART of an RRULE."),
        field("after", &PreviewSchedule::after).doc("Only later times; absent: from the start on."),
        field("count", &PreviewSchedule::count).min(1).max(100));
}

StructType describe(Type<SchedulePreview>) {
    return structure<SchedulePreview>("SchedulePreview",
                                      field("times", &SchedulePreview::times).doc("The next times."));
}

}  // namespace nexpo::inline v1

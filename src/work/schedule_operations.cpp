// SPDX-License-Identifier: Apache-2.0
#include "work/schedule_service.hpp"

namespace nexpo::work {

namespace {

Reason const kNotFound{Errc::not_found, "schedule_not_found"};
Reason const kNameTaken{Errc::already_exists, "schedule_name_taken"};
/// As for jobs: the payloads may hold what not everybody may read.
constexpr char const* kPermission = "jobs:manage";

std::vector<Reason> rule_reasons(std::vector<Reason> more) {
    more.insert(more.end(), {{Errc::invalid_argument, "schedule_rule_invalid"},
                             {Errc::invalid_argument, "schedule_never_due"},
                             {Errc::invalid_argument, "schedule_start_invalid"},
                             {Errc::invalid_argument, "time_zone_unknown"}});
    return more;
}

}  // namespace

void add_operations(OperationTable& table, ScheduleService& service) {
    table.add<ListSchedules, Page<Schedule>>(
        {.info = {.name = "schedules.list",
                  .summary = "List the organization's schedules in the order in which they were made",
                  .rest = "GET /schedules",
                  .permission = kPermission,
                  .reasons = {{Errc::invalid_argument, "cursor_invalid"}}},
         .handler = [](Call& call, ListSchedules const& input) { return ScheduleService::list(call, input); }});
    table.add<GetSchedule, Schedule>(
        {.info = {.name = "schedules.get",
                  .summary = "Get one schedule",
                  .rest = "GET /schedules/{id}",
                  .permission = kPermission,
                  .reasons = {kNotFound}},
         .handler = [](Call& call, GetSchedule const& input) { return ScheduleService::get(call, input); }});
    table.add<CreateSchedule, Schedule>(
        {.info = {.name = "schedules.create",
                  .summary = "Queue a job again and again",
                  .description = "Each time of the rule queues one job of the kind, whichever process is there first. "
                                 "The kind must be one that the application lets people schedule.",
                  .kind = OperationKind::mutation,
                  .rest = "POST /schedules",
                  .permission = kPermission,
                  .reasons = rule_reasons({kNameTaken, {Errc::failed_precondition, "too_many_schedules"}})},
         .handler = [&](Call& call, CreateSchedule const& input) { return service.create(call, input); }});
    table.add<UpdateSchedule, Schedule>(
        {.info = {.name = "schedules.update",
                  .summary = "Change, pause or resume a schedule",
                  .description = "Absent fields stay as they are. Times before the change that were not dealt with "
                                 "are dropped.",
                  .kind = OperationKind::mutation,
                  .rest = "PATCH /schedules/{id}",
                  .permission = kPermission,
                  .reasons = rule_reasons({kNotFound, kNameTaken})},
         .handler = [&](Call& call, UpdateSchedule const& input) { return service.update(call, input); }});
    table.add<RemoveSchedule, Empty>(
        {.info = {.name = "schedules.remove",
                  .summary = "Remove a schedule",
                  .description = "Jobs that it has queued stay.",
                  .kind = OperationKind::mutation,
                  .rest = "DELETE /schedules/{id}",
                  .permission = kPermission,
                  .reasons = {kNotFound}},
         .handler = [](Call& call, RemoveSchedule const& input) { return ScheduleService::remove(call, input); }});
    table.add<RunSchedule, RanSchedule>(
        {.info = {.name = "schedules.run",
                  .summary = "Queue a job of a schedule at once, besides its times",
                  .kind = OperationKind::mutation,
                  .rest = "POST /schedules/{id}/run",
                  .permission = kPermission,
                  .reasons = {kNotFound}},
         .handler = [&](Call& call, RunSchedule const& input) { return service.run(call, input); }});
    table.add<PreviewSchedule, SchedulePreview>(
        {.info = {.name = "schedules.preview",
                  .summary = "Say when a rule would be due",
                  .rest = "POST /schedules/preview",
                  .permission = kPermission,
                  .reasons = rule_reasons({})},
         .handler = [](Call& call, PreviewSchedule const& input) { return ScheduleService::preview(call, input); }});
}

}  // namespace nexpo::work

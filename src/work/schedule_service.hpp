// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/operation.hpp"
#include "nexpo/schedule.hpp"
#include "operation/ports.hpp"
#include "work/kinds.hpp"

namespace nexpo::work {

/// What the owners of schedules see and may do.
class ScheduleService {
 public:
    ScheduleService(Kinds const& kinds, operation::JobQueue& queue) : kinds_(kinds), queue_(queue) {}

    static Reply<Schedule> get(Call& call, GetSchedule const& input);
    static Reply<Page<Schedule>> list(Call& call, ListSchedules const& input);
    static Reply<SchedulePreview> preview(Call& call, PreviewSchedule const& input);
    static Reply<Empty> remove(Call& call, RemoveSchedule const& input);
    Reply<Schedule> create(Call& call, CreateSchedule const& input);
    Reply<Schedule> update(Call& call, UpdateSchedule const& input);
    Reply<RanSchedule> run(Call& call, RunSchedule const& input);

 private:
    /// The kind, if the caller may schedule it with this payload.
    Result<AnyJob const*> check(Call const& call, Schedule const& schedule) const;

    Kinds const& kinds_;
    operation::JobQueue& queue_;
};

/// Declares `schedules.…`.
void add_operations(OperationTable& table, ScheduleService& service);

}  // namespace nexpo::work

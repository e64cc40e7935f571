// SPDX-License-Identifier: Apache-2.0
#include "nexpo/schedule.hpp"

#include "operation/api_state.hpp"

namespace nexpo::inline v1 {

Schedules::Schedules(std::shared_ptr<ApiState const> state) noexcept : state_(std::move(state)) {}

Result<Schedule> Schedules::create(CreateSchedule const& input) const {
    return state_->call<Schedule>("schedules.create", input);
}

Result<Schedule> Schedules::get(GetSchedule const& input) const {
    return state_->call<Schedule>("schedules.get", input);
}

Result<Page<Schedule>> Schedules::list(ListSchedules const& input) const {
    return state_->call<Page<Schedule>>("schedules.list", input);
}

Result<Schedule> Schedules::update(UpdateSchedule const& input) const {
    return state_->call<Schedule>("schedules.update", input);
}

Result<void> Schedules::remove(RemoveSchedule const& input) const {
    auto removed = state_->call<Empty>("schedules.remove", input);
    if (!removed) return std::move(removed).error();
    return {};
}

Result<RanSchedule> Schedules::run(RunSchedule const& input) const {
    return state_->call<RanSchedule>("schedules.run", input);
}

Result<SchedulePreview> Schedules::preview(PreviewSchedule const& input) const {
    return state_->call<SchedulePreview>("schedules.preview", input);
}

}  // namespace nexpo::inline v1

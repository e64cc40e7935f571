// SPDX-License-Identifier: Apache-2.0
#include "nexpo/work.hpp"
#include "operation/api_state.hpp"

namespace nexpo::inline v1 {

Jobs::Jobs(std::shared_ptr<ApiState const> state) noexcept : state_(std::move(state)) {}

Result<Job> Jobs::get(GetJob const& input) const {
    return state_->call<Job>("jobs.get", input);
}

Result<Page<Job>> Jobs::list(ListJobs const& input) const {
    return state_->call<Page<Job>>("jobs.list", input);
}

Result<Job> Jobs::cancel(CancelJob const& input) const {
    return state_->call<Job>("jobs.cancel", input);
}

Result<Job> Jobs::retry(RetryJob const& input) const {
    return state_->call<Job>("jobs.retry", input);
}

Result<ReplayedJobs> Jobs::replay(ReplayJobs const& input) const {
    return state_->call<ReplayedJobs>("jobs.replay", input);
}

}  // namespace nexpo::inline v1

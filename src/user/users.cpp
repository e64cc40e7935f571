// SPDX-License-Identifier: Apache-2.0
#include "nexpo/user.hpp"
#include "operation/api_state.hpp"

namespace nexpo::inline v1 {

Users::Users(std::shared_ptr<ApiState const> state) noexcept : state_(std::move(state)) {}

Result<User> Users::create(CreateUser const& input) const {
    return state_->call<User>("users.create", input);
}

Result<User> Users::get(GetUser const& input) const {
    return state_->call<User>("users.get", input);
}

Result<Page<User>> Users::list(ListUsers const& input) const {
    return state_->call<Page<User>>("users.list", input);
}

Result<User> Users::update(UpdateUser const& input) const {
    return state_->call<User>("users.update", input);
}

Result<void> Users::remove(RemoveUser const& input) const {
    auto removed = state_->call<Empty>("users.remove", input);
    if (!removed) return std::move(removed).error();
    return {};
}

Result<User> Users::me() const {
    return state_->call<User>("users.me", GetMe{});
}

Organizations::Organizations(std::shared_ptr<ApiState const> state) noexcept : state_(std::move(state)) {}

Result<BootstrapResult> Organizations::bootstrap(Bootstrap const& input) const {
    return state_->call<BootstrapResult>("organizations.bootstrap", input);
}

}  // namespace nexpo::inline v1

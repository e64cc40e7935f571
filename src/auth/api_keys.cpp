// SPDX-License-Identifier: Apache-2.0
#include "nexpo/api_key.hpp"
#include "operation/api_state.hpp"

namespace nexpo::inline v1 {

ApiKeys::ApiKeys(std::shared_ptr<ApiState const> state) noexcept : state_(std::move(state)) {}

Result<NewApiKey> ApiKeys::create(CreateApiKey const& input) const {
    return state_->call<NewApiKey>("api_keys.create", input);
}

Result<ApiKey> ApiKeys::get(GetApiKey const& input) const {
    return state_->call<ApiKey>("api_keys.get", input);
}

Result<Page<ApiKey>> ApiKeys::list(ListApiKeys const& input) const {
    return state_->call<Page<ApiKey>>("api_keys.list", input);
}

Result<NewApiKey> ApiKeys::rotate(RotateApiKey const& input) const {
    return state_->call<NewApiKey>("api_keys.rotate", input);
}

Result<void> ApiKeys::remove(RemoveApiKey const& input) const {
    auto removed = state_->call<Empty>("api_keys.remove", input);
    if (!removed) return std::move(removed).error();
    return {};
}

}  // namespace nexpo::inline v1

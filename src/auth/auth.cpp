// SPDX-License-Identifier: Apache-2.0
#include "nexpo/auth.hpp"

#include "operation/api_state.hpp"

namespace nexpo::inline v1 {

Auth::Auth(std::shared_ptr<ApiState const> state) noexcept : state_(std::move(state)) {}

Result<Tokens> Auth::sign_up(SignUp const& input) const {
    return state_->call<Tokens>("auth.sign_up", input);
}

Result<Tokens> Auth::login(Login const& input) const {
    return state_->call<Tokens>("auth.login", input);
}

Result<Tokens> Auth::refresh(RefreshTokens const& input) const {
    return state_->call<Tokens>("auth.refresh", input);
}

Result<void> Auth::logout() const {
    auto done = state_->call<Empty>("auth.logout", Logout{});
    if (!done) return std::move(done).error();
    return {};
}

Result<TokenInfo> Auth::validate(ValidateToken const& input) const {
    return state_->call<TokenInfo>("auth.validate", input);
}

Result<JsonWebKeySet> Auth::keys() const {
    return state_->call<JsonWebKeySet>("auth.keys", GetKeys{});
}

Result<RotatedKeys> Auth::rotate_keys(RotateKeys const& input) const {
    return state_->call<RotatedKeys>("auth.rotate_keys", input);
}

}  // namespace nexpo::inline v1

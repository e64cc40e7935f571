// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "operation/call_state.hpp"
#include "operation/permissions.hpp"

namespace nexpo::inline v1 {

namespace {

/// A cursor opens only where it was made: operation, filter, organization and caller.
std::string cursor_binding(CallState const& state, std::string_view filter) {
    std::string text = state.operation.name;
    auto const& caller = state.caller;
    for (std::string_view const part : {std::string_view(caller.organization_id), std::string_view(caller.account_id),
                                        std::string_view(caller.api_key_id), filter}) {
        text.append("\n").append(part);
    }
    return text;
}

}  // namespace

Caller const& Call::caller() const noexcept {
    return state_->caller;
}

std::string const& Call::organization_id() const noexcept {
    return state_->caller.organization_id;
}

OperationInfo const& Call::operation() const noexcept {
    return state_->operation;
}

std::string const& Call::request_id() const noexcept {
    return state_->request_id;
}

Timestamp Call::now() const noexcept {
    return state_->now;
}

std::string Call::new_id(std::string_view prefix) const {
    return state_->services.new_id(prefix, state_->now);
}

bool Call::may(std::string_view permission) const {
    return operation::may(state_->services.permissions(), state_->caller, permission);
}

Result<void> Call::require(std::string_view permission) const {
    if (may(permission)) return {};
    return Error{Errc::permission_denied, "permission_denied",
                 "the permission " + std::string(permission) + " is needed"};
}

Result<void> Call::expect_version(std::int64_t current) const {
    state_->version_checked = true;
    if (!state_->if_version || *state_->if_version == current) return {};
    return Error{Errc::aborted, "version_mismatch",
                 "the record has changed; its version is " + std::to_string(current)};
}

bool Call::stop_requested() const noexcept {
    return state_->limits.stop.stop_requested();
}

std::string Call::make_cursor(std::string_view position, std::string_view filter) const {
    return state_->services.seal_cursor(position, cursor_binding(*state_, filter));
}

Result<std::string> Call::open_cursor(std::string_view cursor, std::string_view filter) const {
    return state_->services.open_cursor(cursor, cursor_binding(*state_, filter));
}

Result<void> Call::run_read(Result<void> (*function)(void*, Read&), void* context) const {
    return state_->services.read(state_->access(), state_->limits, [&](Read& read) { return function(context, read); });
}

}  // namespace nexpo::inline v1

namespace nexpo::operation {

bool may(Permissions const& permissions, Caller const& caller, std::string_view permission) {
    switch (caller.kind) {
        case CallerKind::system:
            return true;
        case CallerKind::account:
            return permissions.grants(caller.role, permission);
        case CallerKind::api_key:
            return keys_may_hold(permission) && std::ranges::find(caller.scopes, permission) != caller.scopes.end();
        case CallerKind::anonymous:
            break;
    }
    return false;
}

}  // namespace nexpo::operation

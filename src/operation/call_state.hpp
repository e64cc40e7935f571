// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "nexpo/operation.hpp"
#include "store/store.hpp"

namespace nexpo::operation {
class CallServices;
class Permissions;
}

namespace nexpo::inline v1 {

/// What a `Call` shows to the handler.
struct CallState {
    operation::CallServices const& services;
    OperationInfo const& operation;
    Caller caller{};
    std::string address{};
    std::string request_id{};
    Secret token{};  ///< What identified the caller of a stream, to be looked at again while it is open.
    Timestamp now{};
    store::ReadLimits limits{};
    std::optional<std::int64_t> if_version{};
    bool version_checked = false;  ///< Set by `expect_version`, on the writer.

    /// The rows of the caller's organization.
    store::Access access() const {
        return {store::Scope::organization(caller.organization_id), caller.organization_id};
    }
};

}  // namespace nexpo::inline v1

namespace nexpo::operation {

/// What a call needs of the pipeline. Thread-safe.
class CallServices {
 public:
    virtual ~CallServices() = default;
    virtual Permissions const& permissions() const noexcept = 0;
    virtual std::string new_id(std::string_view prefix, Timestamp now) const = 0;
    virtual Result<void> read(store::Access const& access, store::ReadLimits const& limits,
                              store::Store::ReadFunction function) const = 0;
    virtual std::string seal_cursor(std::string_view position, std::string_view bound_to) const = 0;
    virtual Result<std::string> open_cursor(std::string_view cursor, std::string_view bound_to) const = 0;
};

/// What there is to be permitted, for whoever passes permissions on.
inline Permissions const& permissions_of(Call const& call) {
    return call.state().services.permissions();
}

/// Whether somebody may do something.
bool may(Permissions const& permissions, Caller const& caller, std::string_view permission);

/// When a call's reads give up, for whoever reads past `Call::read`.
inline store::ReadLimits const& limits_of(Call const& call) {
    return call.state().limits;
}

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nexpo/nexpo.hpp"

namespace nexpo::parity {

/// One way into the backend. Answers are compared between doors, so every door puts them in the same form.
class Door {
 public:
    virtual ~Door() = default;
    virtual std::string_view name() const = 0;
    /// Whether operations of this kind can go through it. A call with one answer carries no stream.
    virtual bool carries(OperationKind kind) const { return kind != OperationKind::stream; }
    /// Whether the door offers the operation.
    virtual bool offers(OperationInfo const& operation) const = 0;
    /// Calls the operation; an empty token is an anonymous caller.
    virtual Result<Json> call(OperationInfo const& operation, std::string const& token, Json const& input) const = 0;
};

/// Every door there is. A new door is one more line in doors.cpp.
std::vector<std::unique_ptr<Door>> open_doors(Backend const& backend);

}  // namespace nexpo::parity

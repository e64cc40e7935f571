// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "parity/door.hpp"

namespace nexpo::parity {

/// Messages as a client in another language writes them from the .proto files, over a socket. What the scenario says
/// wrongly is sent wrongly: a field of another type, a number that no field has.
std::unique_ptr<Door> open_grpc_door(Backend const& backend);

}  // namespace nexpo::parity

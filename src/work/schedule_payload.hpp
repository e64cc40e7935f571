// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "nexpo/json.hpp"
#include "nexpo/work.hpp"

namespace nexpo::work {

/// The input of a job from JSON that somebody gave. Errors: invalid_argument (`validation_failed`, below `/payload`).
Result<std::shared_ptr<void>> read_payload(AnyJob const& kind, Json const& payload);

}  // namespace nexpo::work

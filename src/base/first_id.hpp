// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "nexpo/time.hpp"

namespace nexpo::base {

/// The lowest id that a record made at `at` can have: ids below it were made before.
std::string first_id(std::string_view prefix, Timestamp at);

}  // namespace nexpo::base

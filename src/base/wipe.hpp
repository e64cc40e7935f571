// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace nexpo::base {

/// Overwrites the whole buffer of `text`, also beyond its size, and leaves it empty. Not optimized away.
void wipe(std::string& text) noexcept;

}  // namespace nexpo::base

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store.hpp"

namespace nexpo::inline v1::testing {

/// For tests that look at all rows.
inline store::Access const kEverything{store::Scope::installation()};

}  // namespace nexpo::inline v1::testing

// SPDX-License-Identifier: Apache-2.0
#include "nexpo/random.hpp"

namespace nexpo::inline v1 {

Random::~Random() = default;

}  // namespace nexpo::inline v1

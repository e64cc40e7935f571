// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "nexpo/testing/simulation.hpp"

namespace nexpo::simulation {

/// Jobs with everything that jobs can have, and what must hold for what they write.
testing::Simulation task_simulation(std::string file);

}  // namespace nexpo::simulation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/work.hpp"

namespace nexpo::auth {

/// Declares the jobs that keep the sessions from growing without end.
void add_jobs(JobTable& jobs);

}  // namespace nexpo::auth

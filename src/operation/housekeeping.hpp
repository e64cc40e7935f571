// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nexpo/work.hpp"

namespace nexpo::operation {

/// Declares the jobs that keep the records of calls from growing without end.
void add_jobs(JobTable& jobs);

}  // namespace nexpo::operation

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <memory>

#include "nexpo/plugin/queue.hpp"
#include "python_code.hpp"

namespace nexpo::python {

/// A queue whose class is written in Python (`nexpo.plugin.Queue`). With the lock; throws what Python raises when its
/// limits cannot be had.
std::shared_ptr<Queue> make_queue(py::object plugin, Log log);

}  // namespace nexpo::python

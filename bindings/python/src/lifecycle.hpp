// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

namespace nexpo::python {

/// Refuses sub-interpreters, and has what is open closed before the interpreter goes.
void register_lifecycle(py::module_& module);

}  // namespace nexpo::python

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

namespace nexpo::python {

/// Whether this is the one interpreter that can use the library; ImportError is set when it is not.
bool is_main_interpreter();

/// Has what is open closed before the interpreter goes.
void register_lifecycle(py::module_& module);

}  // namespace nexpo::python

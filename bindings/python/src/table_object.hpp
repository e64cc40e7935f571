// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

namespace nexpo::python {

/// Adds `Table`, which collects what an application in Python adds to a backend, and the settings `application`,
/// `queue`, `random` and `log` of `open`.
void register_table(py::module_& module);

}  // namespace nexpo::python

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

namespace nexpo::python {

/// `nexpo.testing.ManualClock`, and the setting `clock` of `nexpo.open`.
void register_clock(py::module_& module);

}  // namespace nexpo::python

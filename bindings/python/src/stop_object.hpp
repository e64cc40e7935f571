// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <stop_token>

namespace nexpo::python {

/// A `nexpo.Stop`. With the lock.
py::object make_stop(std::stop_token token);

void register_stop(py::module_& module);

}  // namespace nexpo::python

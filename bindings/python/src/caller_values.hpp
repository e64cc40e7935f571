// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include "nexpo/caller.hpp"
#include "nexpo/operation.hpp"

namespace nexpo::python {

/// From a `nexpo.Caller`.
Caller to_caller(py::handle object);

/// A `nexpo.Caller`.
py::object to_python(Caller const& caller);

/// What an operation is, as the given class (`nexpo.OperationInfo`).
py::object to_python(OperationInfo const& info, py::handle python_class);

}  // namespace nexpo::python

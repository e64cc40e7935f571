// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <string>

#include "api_object.hpp"
#include "operation_object.hpp"

namespace nexpo::python {

/// Calls the operation and waits; null with the exception set when it fails. Throws what Python raises meanwhile.
PyObject* call_operation(ApiEntry& entry, BoundOperation const& operation, PyObject* const* values, std::size_t count);

/// Begins a call; a future of the loop that runs on this thread, which gets the answer.
PyObject* start_operation(ApiEntry& entry, BoundOperation const& operation, PyObject* const* values, std::size_t count);

/// Calls any operation by name with a JSON value.
PyObject* invoke_operation(ApiEntry& entry, std::string const& operation, PyObject* input);

/// The same, and a future of its answer.
PyObject* start_invoke(ApiEntry& entry, std::string const& operation, PyObject* input);

}  // namespace nexpo::python

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include "api_object.hpp"

namespace nexpo::python {

/// Opens a subscription and waits; null with the exception set when it fails.
PyObject* subscribe(ApiEntry& entry, PyObject* const* values, std::size_t count);

/// A future of a subscription.
PyObject* start_subscribe(ApiEntry& entry, PyObject* const* values, std::size_t count);

void register_subscription(py::module_& module);

}  // namespace nexpo::python

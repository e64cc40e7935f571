// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one way to pybind11 and Python, which want to come before the standard headers.
#define PY_SSIZE_T_CLEAN
#include <pybind11/pybind11.h>

namespace nexpo::python {

namespace py = pybind11;

/// An attribute of a module, kept for ever.
inline PyObject* constant(char const* module, char const* name) {
    return py::object(py::module_::import(module).attr(name)).release().ptr();
}

}  // namespace nexpo::python

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include "nexpo/error.hpp"

namespace nexpo::python {

/// Finds the classes of exceptions, which cannot be done any more when the interpreter ends.
void prepare_errors();

/// The exception object for an error: of the class of `nexpo._errors` that stands for its code.
py::object to_exception(Error const& error);

/// Sets the error as the Python exception that is raised; answers null, for functions that Python calls.
PyObject* raise(Error const& error);

/// The error that a Python exception stands for, or `internal` for exceptions of other kinds.
Error to_error(py::handle exception);

/// Raises the error through C++ frames up to pybind11.
[[noreturn]] void throw_error(Error const& error);

}  // namespace nexpo::python

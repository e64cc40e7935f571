// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <vector>

#include "nexpo/operation.hpp"
#include "nexpo/store.hpp"
#include "python_code.hpp"

namespace nexpo::python {

/// Calls `function(read)` with a `nexpo.Read` that is valid meanwhile. With the lock; throws what Python raises.
py::object call_with(Read& read, py::handle function);

/// The same with a `nexpo.Transaction`. `emits` are the events that may be emitted.
py::object call_with(Transaction& tx, std::vector<EventType> const& emits, Log const& log, py::handle function);

/// Adds `Read` and `Transaction`.
void register_sql(py::module_& module);

}  // namespace nexpo::python

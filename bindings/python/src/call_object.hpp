// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <memory>

#include "nexpo/operation.hpp"
#include "nexpo/work.hpp"
#include "python_code.hpp"

namespace nexpo::python {

/// What Python code sees of a call or of an attempt at a job. It may be kept for longer than that lasts; from then on
/// it refuses. Ended on any thread, without the lock.
template <class T>
class Seen;

/// A `nexpo.Call`.
std::shared_ptr<Seen<Call>> make_call(Call& call);

/// A `nexpo.JobRun`.
std::shared_ptr<Seen<JobRun>> make_run(JobRun& run);

/// Ends what was made before the object behind it goes.
void end(Seen<Call>& call);
void end(Seen<JobRun>& run);

/// The Python object.
py::object to_object(std::shared_ptr<Seen<Call>> const& call);
py::object to_object(std::shared_ptr<Seen<JobRun>> const& run);

/// The closure of `nexpo.Write`, which `write` answers; nothing for other objects.
py::object closure_of(py::handle answer);

/// Adds `Call`, `JobRun` and `Write`.
void register_calls(py::module_& module);

}  // namespace nexpo::python

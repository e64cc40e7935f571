// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <functional>
#include <memory>
#include <string>

#include "backend_entry.hpp"

namespace nexpo::python {

/// Has `configure(config, value)` called with what `nexpo._core.open` gets in `extras` under this name, before the
/// backend is opened. For what a Config holds besides described settings.
void add_extra(std::string name, std::function<void(Config&, py::handle)> configure);

/// What is inside a `nexpo._core.Backend`; throws TypeError for other objects.
std::shared_ptr<BackendEntry> const& backend_in(py::handle object);

void register_backend(py::module_& module);

}  // namespace nexpo::python

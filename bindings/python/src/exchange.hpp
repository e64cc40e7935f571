// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

namespace nexpo::python {

/// Adds `Mailbox`, `Exchange`, `BodySource` and `Channel`: the gateway as an ASGI application needs it.
void register_exchange(py::module_& module);

}  // namespace nexpo::python

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <memory>
#include <stop_token>

#include "backend_entry.hpp"
#include "nexpo/backend.hpp"

namespace nexpo::python {

/// The way of one caller into a backend: what is inside `nexpo._core.Api`.
struct ApiEntry {
    /// What calls on the main thread use, so that Ctrl-C can stop them.
    struct OnMainThread {
        std::stop_source stop;
        Api api;
    };

    std::shared_ptr<BackendEntry> backend;
    Api api;
    CallOptions options{};
    std::shared_ptr<OnMainThread> on_main_thread{};

    /// Kept by whoever calls: a call inside of it may be interrupted, too, and then takes it away.
    std::shared_ptr<OnMainThread> main_thread();
};

/// A Python object around a caller's way into the backend.
py::object make_api(std::shared_ptr<BackendEntry> backend, Api api);

/// What is inside a `nexpo._core.Api`; throws TypeError for other objects.
ApiEntry& api_in(py::handle object);

void register_api(py::module_& module);

}  // namespace nexpo::python

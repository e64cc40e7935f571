// SPDX-License-Identifier: Apache-2.0
#include "lifecycle.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include "backend_entry.hpp"
#include "blocking_threads.hpp"
#include "gil.hpp"
#include "interrupts.hpp"

namespace nexpo::python {

namespace {

struct OpenBackends {
    std::mutex mutex;
    std::vector<std::weak_ptr<BackendEntry>> entries;
};

/// Never destroyed: static objects go after the interpreter, which is too late for whatever they would close.
OpenBackends& open_backends() {
    static auto& backends = *new OpenBackends;
    return backends;
}

/// Without pybind11, which hangs in an interpreter that is not the main one.
PyObject* require_main_interpreter(PyObject*, PyObject*) {
    return is_main_interpreter() ? Py_NewRef(Py_None) : nullptr;
}

void at_exit() {
    without_gil([] {
        close_all();
        end_blocking_threads();
        end_interrupts();
    });
}

}  // namespace

void remember(std::shared_ptr<BackendEntry> const& entry) {
    auto& backends = open_backends();
    std::lock_guard const lock(backends.mutex);
    std::erase_if(backends.entries, [](auto const& known) { return known.expired(); });
    backends.entries.push_back(entry);
}

void close_all() {
    auto& backends = open_backends();
    std::vector<std::weak_ptr<BackendEntry>> entries;
    {
        std::lock_guard const lock(backends.mutex);
        entries.swap(backends.entries);
    }
    for (auto const& known : entries) {
        if (auto const entry = known.lock()) entry->backend.close();
    }
}

bool is_main_interpreter() {
    if (PyInterpreterState_Get() == PyInterpreterState_Main()) return true;
    PyErr_SetString(PyExc_ImportError,
                    "nexpo cannot be used in a sub-interpreter: its threads and types belong to the main one");
    return false;
}

void register_lifecycle(py::module_& module) {
    // The module of the main interpreter is given to others, too; the package asks again.
    static PyMethodDef require{"require_main_interpreter", require_main_interpreter, METH_NOARGS,
                               "Raises ImportError in any other."};
    module.attr("require_main_interpreter") = py::reinterpret_steal<py::object>(PyCFunction_New(&require, nullptr));
    py::module_::import("atexit").attr("register")(py::cpp_function(at_exit));
}

}  // namespace nexpo::python

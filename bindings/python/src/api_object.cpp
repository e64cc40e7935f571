// SPDX-License-Identifier: Apache-2.0
#include "api_object.hpp"

#include <exception>

#include "api_calls.hpp"
#include "conversion.hpp"
#include "errors.hpp"
#include "gil.hpp"
#include "operation_object.hpp"
#include "subscription_object.hpp"

namespace nexpo::python {

namespace {

struct ApiObject {
    PyObject_HEAD ApiEntry* entry;
};

PyTypeObject* api_class = nullptr;

ApiEntry& entry_of(PyObject* object) {
    return *reinterpret_cast<ApiObject*>(object)->entry;
}

void free_api(PyObject* object) {
    auto* type = Py_TYPE(object);
    // The last one to let go of a backend closes it, which waits for its threads.
    without_gil([entry = reinterpret_cast<ApiObject*>(object)->entry] { delete entry; });
    type->tp_free(object);
    Py_DECREF(type);
}

/// Runs a method that Python calls; what C++ throws becomes what Python raises.
template <class F>
PyObject* guarded(F&& function) {
    try {
        return function();
    } catch (py::error_already_set& failed) {
        failed.restore();
    } catch (py::builtin_exception const& failed) {
        failed.set_error();
    } catch (std::exception const& failed) {
        PyErr_SetString(PyExc_RuntimeError, failed.what());
    }
    return nullptr;
}

BoundOperation* bound(ApiEntry const& entry, PyObject* const* arguments, Py_ssize_t count) {
    if (count == 0) {
        PyErr_SetString(PyExc_TypeError, "an Operation is needed first");
        return nullptr;
    }
    auto* operation = operation_in(arguments[0]);
    if (operation != nullptr && !operation->is_bound()) operation->bind(entry.backend->backend);
    return operation;
}

PyObject* call(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
    return guarded([&]() -> PyObject* {
        auto& entry = entry_of(self);
        auto const* operation = bound(entry, arguments, count);
        if (operation == nullptr) return nullptr;
        return call_operation(entry, *operation, arguments + 1, static_cast<std::size_t>(count - 1));
    });
}

PyObject* start(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
    return guarded([&]() -> PyObject* {
        auto& entry = entry_of(self);
        auto const* operation = bound(entry, arguments, count);
        if (operation == nullptr) return nullptr;
        return start_operation(entry, *operation, arguments + 1, static_cast<std::size_t>(count - 1));
    });
}

PyObject* subscribe_to_events(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
    return guarded([&] { return subscribe(entry_of(self), arguments, static_cast<std::size_t>(count)); });
}

PyObject* start_subscribe_to_events(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
    return guarded([&] { return start_subscribe(entry_of(self), arguments, static_cast<std::size_t>(count)); });
}

using Invoke = PyObject*(ApiEntry&, std::string const&, PyObject*);

template <Invoke& how>
PyObject* invoke(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
    return guarded([&]() -> PyObject* {
        if (count != 2 || !PyUnicode_Check(arguments[0])) {
            PyErr_SetString(PyExc_TypeError, "invoke(operation, input)");
            return nullptr;
        }
        return how(entry_of(self), py::reinterpret_borrow<py::str>(arguments[0]), arguments[1]);
    });
}

/// `with_options(timeout, idempotency_key, if_version)`, each None when it is not given.
PyObject* with_options(PyObject* self, PyObject* const* arguments, Py_ssize_t count) {
    return guarded([&]() -> PyObject* {
        if (count != 3) {
            PyErr_SetString(PyExc_TypeError, "with_options(timeout, idempotency_key, if_version)");
            return nullptr;
        }
        auto const& entry = entry_of(self);
        auto options = entry.options;
        if (arguments[0] != Py_None) {
            auto const seconds = py::reinterpret_borrow<py::object>(arguments[0]).cast<double>();
            if (!(seconds >= 0.0 && seconds <= 1e9)) throw py::value_error("timeout must be 0 or more seconds");
            options.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000.0));
        }
        if (arguments[1] != Py_None) {
            options.idempotency_key = py::reinterpret_borrow<py::object>(arguments[1]).cast<std::string>();
        }
        if (arguments[2] != Py_None) {
            options.if_version = py::reinterpret_borrow<py::object>(arguments[2]).cast<std::int64_t>();
        }
        auto made = make_api(entry.backend, entry.api.with(options));
        entry_of(made.ptr()).options = std::move(options);
        return made.release().ptr();
    });
}

template <class F>
PyCFunction method(F* function) {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

}  // namespace

std::shared_ptr<ApiEntry::OnMainThread> ApiEntry::main_thread() {
    if (!on_main_thread) {
        std::stop_source stop;
        auto with_stop = options;
        with_stop.stop = stop.get_token();
        on_main_thread = std::make_shared<OnMainThread>(
            OnMainThread{.stop = std::move(stop), .api = api.with(std::move(with_stop))});
    }
    return on_main_thread;
}

py::object make_api(std::shared_ptr<BackendEntry> backend, Api api) {
    auto* object = api_class->tp_alloc(api_class, 0);
    if (object == nullptr) throw py::error_already_set();
    reinterpret_cast<ApiObject*>(object)->entry = new ApiEntry{.backend = std::move(backend), .api = std::move(api)};
    return py::reinterpret_steal<py::object>(object);
}

ApiEntry& api_in(py::handle object) {
    if (!Py_IS_TYPE(object.ptr(), api_class)) throw py::type_error("a nexpo._core.Api is needed");
    return entry_of(object.ptr());
}

void register_api(py::module_& module) {
    static PyMethodDef methods[] = {
        {"call", method(call), METH_FASTCALL, "Calls an operation with the values of its input's fields, in order."},
        {"start", method(start), METH_FASTCALL, "Begins a call and answers an asyncio future."},
        {"invoke", method(invoke<invoke_operation>), METH_FASTCALL, "Calls any operation by name with JSON."},
        {"start_invoke", method(invoke<start_invoke>), METH_FASTCALL, "The same as an asyncio future."},
        {"subscribe", method(subscribe_to_events), METH_FASTCALL, "Opens a subscription to live events."},
        {"start_subscribe", method(start_subscribe_to_events), METH_FASTCALL, "The same as an asyncio future."},
        {"with_options", method(with_options), METH_FASTCALL, "The same caller with other options."},
        {nullptr, nullptr, 0, nullptr}};
    static PyType_Slot slots[] = {
        {Py_tp_dealloc, reinterpret_cast<void*>(free_api)}, {Py_tp_methods, methods}, {0, nullptr}};
    static PyType_Spec spec{.name = "nexpo._core.Api",
                            .basicsize = sizeof(ApiObject),
                            .itemsize = 0,
                            .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                            .slots = slots};
    auto* made = PyType_FromSpec(&spec);
    if (made == nullptr) throw py::error_already_set();
    api_class = reinterpret_cast<PyTypeObject*>(made);
    module.attr("Api") = py::reinterpret_borrow<py::object>(made);
}

}  // namespace nexpo::python

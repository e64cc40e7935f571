// SPDX-License-Identifier: Apache-2.0
#include "operation_object.hpp"

#include <algorithm>

#include "conversion.hpp"
#include "errors.hpp"

namespace nexpo::python {

namespace {

struct OperationObject {
    PyObject_HEAD BoundOperation* operation;
};

PyTypeObject* operation_class = nullptr;

PyObject* make_operation(PyTypeObject* type, PyObject* arguments, PyObject*) {
    char const* name = nullptr;
    if (PyArg_ParseTuple(arguments, "s:Operation", &name) == 0) return nullptr;
    auto* object = type->tp_alloc(type, 0);
    if (object != nullptr) {
        reinterpret_cast<OperationObject*>(object)->operation = new BoundOperation{.name = name};
    }
    return object;
}

void free_operation(PyObject* object) {
    auto* type = Py_TYPE(object);
    delete reinterpret_cast<OperationObject*>(object)->operation;
    type->tp_free(object);
    Py_DECREF(type);
}

PyObject* show_operation(PyObject* object) {
    return PyUnicode_FromFormat("<nexpo operation %s>",
                                reinterpret_cast<OperationObject*>(object)->operation->name.c_str());
}

}  // namespace

void BoundOperation::bind(Backend const& backend) {
    auto const types = backend.operation_types(name);
    if (!types) throw_error(types.error());
    for (auto& one : backend.operations()) {
        if (one.name == name) info = std::move(one);
    }
    input_type = types->input;
    output_type = types->output;
    output = &struct_of(*types->output);
    auto const& found = struct_of(*types->input);
    blocking_field = found.fields.size();
    for (std::size_t i = 0; i < found.fields.size(); ++i) {
        if (found.fields[i].field->name() == info.blocking_field) blocking_field = i;
    }
    input = &found;
}

bool BoundOperation::may_block(PyObject* const* values, std::size_t count) const {
    if (!info.may_block || info.blocking_field.empty()) return info.may_block;
    return blocking_field < count && values[blocking_field] != Py_None && values[blocking_field] != unset();
}

BoundOperation* operation_in(PyObject* object) {
    if (Py_IS_TYPE(object, operation_class)) return reinterpret_cast<OperationObject*>(object)->operation;
    PyErr_SetString(PyExc_TypeError, "an Operation is needed first");
    return nullptr;
}

void register_operation(py::module_& module) {
    static PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(make_operation)},
                                  {Py_tp_dealloc, reinterpret_cast<void*>(free_operation)},
                                  {Py_tp_repr, reinterpret_cast<void*>(show_operation)},
                                  {0, nullptr}};
    static PyType_Spec spec{.name = "nexpo._core.Operation",
                            .basicsize = sizeof(OperationObject),
                            .itemsize = 0,
                            .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
                            .slots = slots};
    auto* made = PyType_FromSpec(&spec);
    if (made == nullptr) throw py::error_already_set();
    operation_class = reinterpret_cast<PyTypeObject*>(made);
    module.attr("Operation") = py::reinterpret_borrow<py::object>(made);
}

}  // namespace nexpo::python

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <memory>
#include <string>
#include <vector>

#include "nexpo/describe.hpp"

namespace nexpo::python {

struct PyStruct;

/// What converting values of one described type takes, worked out once. Lives for ever; used with the lock held.
struct PyValue {
    ValueType const* type = nullptr;
    std::unique_ptr<PyValue> element{};       ///< optional, patch, list, map
    PyStruct const* structure = nullptr;      ///< object
    std::vector<PyObject*> words{};           ///< enumeration: the members of the class, by value
    std::vector<PyValue> alternatives{};      ///< variant
    std::vector<PyObject*> tags{};            ///< variant: the names of the alternatives
    std::vector<std::string> const* names{};  ///< variant: the same
};

/// One field of a struct and its place in the Python object.
struct PyField {
    Field const* field = nullptr;
    PyObject* name = nullptr;  ///< Interned.
    PyValue value{};
    Py_ssize_t slot = 0;  ///< Bytes from the start of the object, when the struct has a class.
};

/// A described struct and the dataclass that stands for it. Lives for ever; used with the lock held.
struct PyStruct {
    StructType const* type = nullptr;
    PyTypeObject* python_class = nullptr;  ///< Null for structs that Python sees as keyword arguments only.
    std::vector<PyField> fields{};
};

/// The entry of a struct that lives for ever, such as those of the library. Throws what Python raises when the
/// generated classes do not fit the description.
PyStruct const& struct_of(StructType const& type);

/// Binds a struct to a Python class that is not among the generated ones; a dataclass with slots.
void bind_class(StructType const& type, py::object python_class);

}  // namespace nexpo::python

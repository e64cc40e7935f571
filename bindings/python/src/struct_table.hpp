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
    Py_ssize_t slot = 0;  ///< Bytes from the start of the object, when the struct has a class with slots.
};

/// A described struct and the dataclass that stands for it. Lives for ever; used with the lock held.
struct PyStruct {
    StructType const* type = nullptr;
    PyTypeObject* python_class = nullptr;  ///< Null for structs that Python sees as keyword arguments only.
    bool has_slots = true;                 ///< Every field is a slot, else they are attributes.
    bool has_post_init = false;            ///< The class of an application wants to finish its objects itself.
    std::vector<PyField> fields{};
};

/// The entry of a struct that lives for ever, such as those of the library. Throws what Python raises when the
/// generated classes do not fit the description.
PyStruct const& struct_of(StructType const& type);

/// What converting values of a type takes; `field` names the alternatives of variants, and lives as long as the value.
PyValue value_of(Field const& field, ValueType const& type);

/// Binds a struct to a dataclass that is not among the generated ones.
void bind_class(StructType const& type, py::object python_class);

/// Binds an enumeration to the objects that stand for its words, in their order.
void bind_words(ValueType const& type, std::vector<PyObject*> members);

}  // namespace nexpo::python

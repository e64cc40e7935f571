// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <optional>

#include "nexpo/dynamic_struct.hpp"
#include "struct_table.hpp"

namespace nexpo::python {

/// A described type as Python holds it: of a member, of a row or of a struct.
class TypeObject {
 public:
    explicit TypeObject(DynamicType type) : type_(type) {}

    DynamicType type() const { return type_; }
    /// How its values are converted; worked out late, since a struct may not be complete when it is first named.
    PyValue const& value() const;
    /// A struct whose one member is a list of it: rows of the database.
    StructType const& rows() const;

 private:
    DynamicType type_;
    mutable std::optional<PyValue> value_;
    mutable StructType const* rows_ = nullptr;
};

/// What is inside a `nexpo._core.Type`; throws TypeError for other objects.
TypeObject const& type_in(py::handle object);

/// The `nexpo._core.Type` of an annotation, such as `int` or a dataclass. Throws TypeError for what cannot be
/// described.
py::object described(py::handle annotation);

/// The struct of a `nexpo._core.Type`; throws TypeError for types of other values.
StructType const& struct_in(py::handle object);

/// Adds `Type` and `StructMaker`, with which the dataclasses of an application are described.
void register_types(py::module_& module);

}  // namespace nexpo::python

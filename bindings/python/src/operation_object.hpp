// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <string>

#include "nexpo/backend.hpp"
#include "struct_table.hpp"

namespace nexpo::python {

/// One of the library's own operations; its structs are looked up when it is called for the first time.
struct BoundOperation {
    std::string name{};
    StructType const* input_type = nullptr;
    StructType const* output_type = nullptr;
    PyStruct const* input = nullptr;
    PyStruct const* output = nullptr;
    OperationInfo info{};
    std::size_t blocking_field = 0;  ///< The field without which it does not wait; see `OperationInfo`.

    bool is_bound() const { return input != nullptr; }
    /// Throws what Python raises when there is no such operation.
    void bind(Backend const& backend);
    /// Whether a call with these arguments waits for more than the embedded database.
    bool may_block(PyObject* const* values, std::size_t count) const;
};

/// The operation in a `nexpo._core.Operation`, or null with TypeError set.
BoundOperation* operation_in(PyObject* object);

void register_operation(py::module_& module);

}  // namespace nexpo::python

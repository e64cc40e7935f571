// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pybind.hpp"

#include <string>
#include <vector>

#include "nexpo/json.hpp"
#include "nexpo/time.hpp"
#include "struct_table.hpp"

namespace nexpo::python {

/// The Python object of a described value; null, with the exception set, when Python has no memory left.
PyObject* to_python(PyValue const& value, void const* at);

/// The dataclass of a described struct, or a dict for one without a class.
PyObject* to_python(PyStruct const& type, void const* at);

/// dict, list, str, int, float, bool and None.
PyObject* to_python(Json const& json);

/// An aware datetime in UTC.
PyObject* to_python(Timestamp time);

/// Fills described structs from Python objects. What does not fit is noted by JSON pointer, like what a JSON text has
/// wrong; only what Python itself raises is thrown.
class FromPython {
 public:
    /// A struct from values in the order of its fields; `UNSET`, or less values than fields: as the struct is.
    void arguments(PyStruct const& type, void* to, PyObject* const* values, std::size_t count);
    /// A struct from its dataclass or from a mapping.
    void object(PyStruct const& type, void* to, PyObject* from);
    /// The same for settings, which may all be left out.
    void settings(PyStruct const& type, void* to, PyObject* from);
    /// A JSON value.
    void json(Json& to, PyObject* from);

    /// A point in time; `name` is what it is called when it does not fit.
    Timestamp time(PyObject* from, std::string_view name);

    /// What did not fit.
    std::vector<Violation> const& violations() const { return violations_; }
    /// The error that says so, together with what is wrong with the rest of the struct.
    Error error(StructType const& type, void const* value) const;

 private:
    /// Where in the input a value stands; made into text only when it is refused.
    struct Place {
        Place const* outer = nullptr;
        std::string_view name{};
        std::size_t index = 0;
        std::string pointer() const;
    };

    void fields_of(PyStruct const& type, void* to, PyObject* from, Place const* place);
    void mapping(PyStruct const& type, void* to, PyObject* from, Place const* place);
    void struct_value(PyStruct const& type, void* to, PyObject* from, Place const* place);
    void value(PyValue const& value, void* to, PyObject* from, Place const* place);
    void scalar(PyValue const& value, void* to, PyObject* from, Place const* place);
    void integer(ValueType const& type, void* to, PyObject* from, Place const* place);
    void number(void* to, PyObject* from, Place const* place);
    void enumeration(PyValue const& value, void* to, PyObject* from, Place const* place);
    void text(ValueType const& type, void* to, PyObject* from, Place const* place);
    void bytes(void* to, PyObject* from, Place const* place);
    void timestamp(void* to, PyObject* from, Place const* place);
    void decimal(void* to, PyObject* from, Place const* place);
    void list(PyValue const& value, void* to, PyObject* from, Place const* place);
    void map(PyValue const& value, void* to, PyObject* from, Place const* place);
    void variant(PyValue const& value, void* to, PyObject* from, Place const* place);
    void json_value(Json& to, PyObject* from, Place const* place, int depth);
    void json_object(Json& to, PyObject* from, Place const* place, int depth);
    bool utf8(PyObject* from, std::string_view& text, Place const* place);
    void refuse(Place const* place, char const* rule, std::string message);

    bool has_defaults_ = false;
    std::vector<Violation> violations_;
};

/// The object that stands for a value that is not given (`nexpo.UNSET`).
PyObject* unset();

/// Makes both directions know Python's datetime; once, before anything is converted.
void import_datetime();

}  // namespace nexpo::python
